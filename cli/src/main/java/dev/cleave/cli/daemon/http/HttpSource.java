package dev.cleave.cli.daemon.http;

import com.sun.net.httpserver.HttpServer;
import dev.cleave.cli.daemon.request.AgentFront;
import dev.cleave.cli.daemon.request.RequestSource;
import dev.cleave.cli.failure.UserException;
import dev.cleave.cli.units.HostPort;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/**
 * Requests over HTTP, on the server that the JDK has, which starts faster than a larger one. Owns the server and its
 * threads.
 *
 * <p>One thread for each request that is under way. A client that takes longer than {@link #READ_SECONDS} to send its
 * request is dropped, so it cannot keep its thread.
 */
public final class HttpSource implements RequestSource {
    /**
     * @param address the host is null for the loopback address
     * @param token null: none is asked for
     * @param maxBodyBytes of one request
     * @param slots inferences at a time; one more is told to come back
     * @param deadline the longest that an answer may take
     */
    public record Settings(HostPort address, String token, int maxBodyBytes, int slots, Duration deadline) {}

    private static final int MAX_THREADS = 64;
    private static final int BACKLOG = 64;
    private static final int READ_SECONDS = 30;
    private static final String LOOPBACK = "127.0.0.1";

    private final HttpServer server;
    private final ThreadPoolExecutor threads;
    private final Slots slots;

    private HttpSource(HttpServer server, ThreadPoolExecutor threads, Slots slots) {
        this.server = server;
        this.threads = threads;
        this.slots = slots;
    }

    /**
     * Listens.
     *
     * @throws UserException naming the address, if it cannot be listened on
     */
    public static HttpSource start(
            Settings settings, AgentFront agent, Supplier<String> metrics, BooleanSupplier ready) {
        limitTheServer(settings.deadline());
        Slots slots = new Slots(settings.slots());
        Routes routes = new Routes(
                agent,
                new Guard(settings.token()),
                new InferHandler(agent, settings.maxBodyBytes(), settings.deadline()),
                metrics,
                ready,
                slots);
        InetSocketAddress address = settings.address().orHost(LOOPBACK).resolve();
        try {
            HttpServer server = HttpServer.create(address, BACKLOG);
            ThreadPoolExecutor threads = threads();
            server.setExecutor(threads);
            server.createContext("/", routes);
            server.start();
            return new HttpSource(server, threads, slots);
        } catch (IOException | IllegalArgumentException refused) {
            throw new UserException(
                    "HTTP address " + settings.address().orHost(LOOPBACK) + " cannot be listened on ("
                            + refused.getMessage() + "); expected a free port of this machine",
                    refused);
        }
    }

    /**
     * The server's limits are properties of the process, read once; by default it waits for ever. A response's time
     * begins when the request is read, so it holds the inference.
     */
    private static void limitTheServer(Duration deadline) {
        System.setProperty("sun.net.httpserver.maxReqTime", Integer.toString(READ_SECONDS));
        System.setProperty("sun.net.httpserver.maxRspTime", Long.toString(deadline.toSeconds() + READ_SECONDS));
        System.setProperty("sun.net.httpserver.idleInterval", Integer.toString(READ_SECONDS));
        System.setProperty("jdk.httpserver.maxConnections", "256");
    }

    /** Beyond the last thread the one that accepts connections does the work itself, and accepts none meanwhile. */
    private static ThreadPoolExecutor threads() {
        AtomicInteger count = new AtomicInteger();
        return new ThreadPoolExecutor(
                0,
                MAX_THREADS,
                READ_SECONDS,
                TimeUnit.SECONDS,
                new SynchronousQueue<>(),
                task -> {
                    Thread thread = new Thread(task, "cleave-http-" + count.incrementAndGet());
                    thread.setDaemon(true);
                    return thread;
                },
                new ThreadPoolExecutor.CallerRunsPolicy());
    }

    /** Where it listens, {@code http://127.0.0.1:8600} say. */
    public String url() {
        InetSocketAddress address = server.getAddress();
        return "http://" + new HostPort(address.getHostString(), address.getPort());
    }

    /** Inferences that are being answered. */
    int underWay() {
        return slots.taken();
    }

    /** From here on every inference is told to come back. */
    @Override
    public void stop() {
        slots.stop();
    }

    @Override
    public boolean awaitIdle(long timeoutNanos) throws InterruptedException {
        return slots.awaitNone(timeoutNanos);
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }
}
