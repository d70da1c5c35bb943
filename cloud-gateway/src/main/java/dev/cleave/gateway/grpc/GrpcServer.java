package dev.cleave.gateway.grpc;

import dev.cleave.gateway.config.GatewayException;
import dev.cleave.gateway.identity.GatewayIdentity;
import dev.cleave.gateway.metrics.GatewayMetrics;
import io.grpc.BindableService;
import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.ServerCallExecutorSupplier;
import io.grpc.ServerMethodDefinition;
import io.grpc.ServerServiceDefinition;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.protobuf.services.HealthStatusManager;
import io.netty.channel.unix.Errors.NativeIoException;
import java.io.IOException;
import java.net.BindException;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The gRPC server: the services that it is given and {@code grpc.health.v1}, which knows the server (empty name), the
 * services and every model by name. Owns the port and the threads that run handlers; handlers never block on a run.
 */
public final class GrpcServer implements AutoCloseable {
    /** Agents behind NATs ping often, and also while nothing is asked. */
    private static final long AGENT_PING_SECONDS = 5;

    private static final long FLUSH_SECONDS = 2;

    private final Server server;
    private final ExecutorService handlers;
    private final TransportThreads transport;
    private final HealthStatusManager health;
    /** Models that health knows. */
    private volatile Set<String> shown;

    private GrpcServer(
            Server server,
            ExecutorService handlers,
            TransportThreads transport,
            HealthStatusManager health,
            List<String> models) {
        this.transport = transport;
        this.shown = Set.copyOf(models);
        this.server = server;
        this.handlers = handlers;
        this.health = health;
    }

    /**
     * What callers may ask of the server.
     *
     * @param callsPerConnection streams and calls at a time
     * @param messageBytes of one message that is received
     * @param connections that are open at a time; the next one is closed
     */
    public record Limits(int callsPerConnection, int messageBytes, int connections) {}

    /**
     * What a connection is given time for.
     *
     * @param handshake to agree on TLS
     * @param ping between two looks whether somebody is there, who may not even have begun to speak HTTP/2
     * @param pong to answer one
     * @param idle without a call, after which the caller is told to come back with another connection
     */
    record Times(Duration handshake, Duration ping, Duration pong, Duration idle) {
        static final Times USUAL = new Times(
                Duration.ofSeconds(20), Duration.ofSeconds(30), Duration.ofSeconds(10), Duration.ofMinutes(10));
    }

    /**
     * One of the services on the port.
     *
     * @param open full names of the methods that nobody needs a token for
     * @param quick full names of the methods whose handlers never wait, neither for a run nor for a disk: they run on the transport's threads, and
     *     save a message the way to another one
     */
    public record Service(BindableService service, Set<String> open, Set<String> quick) {
        public Service {
            open = Set.copyOf(open);
            quick = Set.copyOf(quick);
        }

        /** One whose callers all need a token, where one is asked for. */
        public static Service of(BindableService service) {
            return new Service(service, Set.of(), Set.of());
        }
    }

    /**
     * @param port 0: any free one
     * @param models names of those that are ready; {@link #models} changes them
     * @param identity what callers are shown and asked for
     * @param watch looks after the calls; swept by the caller
     * @throws GatewayException naming the port if it cannot be opened
     */
    public static GrpcServer start(
            int port,
            Limits limits,
            List<Service> services,
            List<String> models,
            GatewayIdentity identity,
            CallWatch watch,
            GatewayMetrics metrics)
            throws GatewayException {
        return start(port, limits, services, models, identity, watch, metrics, Times.USUAL);
    }

    static GrpcServer start(
            int port,
            Limits limits,
            List<Service> services,
            List<String> models,
            GatewayIdentity identity,
            CallWatch watch,
            GatewayMetrics metrics,
            Times times)
            throws GatewayException {
        AtomicInteger count = new AtomicInteger();
        ExecutorService handlers =
                Executors.newFixedThreadPool(Math.max(2, Runtime.getRuntime().availableProcessors()), task -> {
                    Thread thread = new Thread(task, "cleave-grpc-" + count.getAndIncrement());
                    thread.setDaemon(true);
                    return thread;
                });
        HealthStatusManager health = new HealthStatusManager();
        models.forEach(model -> health.setStatus(model, ServingStatus.SERVING));
        ConnectionBound bound = new ConnectionBound(limits.connections(), metrics::connectionRefused);
        metrics.connections("grpc", bound::open);
        NettyServerBuilder builder = NettyServerBuilder.forPort(port, identity.credentials())
                .addService(health.getHealthService())
                .executor(handlers)
                .maxConcurrentCallsPerConnection(limits.callsPerConnection())
                .maxInboundMessageSize(limits.messageBytes())
                .permitKeepAliveTime(AGENT_PING_SECONDS, TimeUnit.SECONDS)
                .permitKeepAliveWithoutCalls(true)
                .handshakeTimeout(times.handshake().toNanos(), TimeUnit.NANOSECONDS)
                .maxConnectionIdle(times.idle().toNanos(), TimeUnit.NANOSECONDS)
                .keepAliveTime(times.ping().toNanos(), TimeUnit.NANOSECONDS)
                .keepAliveTimeout(times.pong().toNanos(), TimeUnit.NANOSECONDS);
        TransportThreads transport = new TransportThreads();
        transport.serve(builder, bound);
        Set<String> open = new HashSet<>();
        Set<String> quick = new HashSet<>();
        Set<String> ofManyMessages = new HashSet<>();
        for (Service each : services) {
            ServerServiceDefinition definition = each.service().bindService();
            builder.addService(NamedRefusals.of(definition));
            open.addAll(each.open());
            quick.addAll(each.quick());
            definition.getMethods().stream()
                    .map(ServerMethodDefinition::getMethodDescriptor)
                    .filter(method -> !method.getType().clientSendsOneMessage())
                    .forEach(method -> ofManyMessages.add(method.getFullMethodName()));
            health.setStatus(definition.getServiceDescriptor().getName(), ServingStatus.SERVING);
        }
        identity.interceptors(open).forEach(builder::intercept);
        builder.callExecutor(new ServerCallExecutorSupplier() {
            @Override
            public <Q, R> Executor getExecutor(ServerCall<Q, R> call, Metadata metadata) {
                return quick.contains(call.getMethodDescriptor().getFullMethodName()) ? Runnable::run : handlers;
            }
        });
        watch.install(builder, ofManyMessages);
        Server server = builder.build();
        try {
            return new GrpcServer(server.start(), handlers, transport, health, models);
        } catch (IOException e) {
            handlers.shutdown();
            transport.close();
            boolean inUse = isInUse(e) || isInUse(e.getCause());
            throw new GatewayException(
                    "gRPC port " + port + (inUse ? " is in use" : " cannot be opened: " + e) + "; expected a free port",
                    e);
        }
    }

    /** The JDK has a class for it, netty's epoll transport the system's words. */
    private static boolean isInUse(Throwable e) {
        return e instanceof BindException
                || e instanceof NativeIoException
                        && String.valueOf(e.getMessage()).contains("Address already in use");
    }

    /** The port that is listened on. */
    public int port() {
        return server.getPort();
    }

    /**
     * Which models are ready from now on. Called by one thread at a time.
     *
     * @param known names that health is to know
     */
    public void models(Set<String> known, Set<String> ready) {
        for (String gone : shown) {
            if (!known.contains(gone)) {
                health.clearStatus(gone);
            }
        }
        shown = Set.copyOf(known);
        known.forEach(model ->
                health.setStatus(model, ready.contains(model) ? ServingStatus.SERVING : ServingStatus.NOT_SERVING));
    }

    /** From now on health says NOT_SERVING; calls are still taken, to be refused by name. */
    public void drain() {
        health.enterTerminalState();
    }

    /** Takes no new calls, gives those under way a moment to send what they have, and ends them. */
    @Override
    public void close() {
        server.shutdown();
        try {
            if (!server.awaitTermination(FLUSH_SECONDS, TimeUnit.SECONDS)) {
                server.shutdownNow().awaitTermination(FLUSH_SECONDS, TimeUnit.SECONDS);
            }
        } catch (InterruptedException e) {
            server.shutdownNow();
            Thread.currentThread().interrupt();
        }
        transport.close();
        handlers.shutdown();
    }
}
