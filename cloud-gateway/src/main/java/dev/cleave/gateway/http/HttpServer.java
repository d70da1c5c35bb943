package dev.cleave.gateway.http;

import dev.cleave.gateway.config.GatewayException;
import java.io.IOException;
import java.net.BindException;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.Locale;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import javax.net.ssl.SSLContext;
import org.eclipse.jetty.io.ManagedSelector;
import org.eclipse.jetty.io.SocketChannelEndPoint;
import org.eclipse.jetty.server.ConnectionFactory;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.NetworkConnectionLimit;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.server.handler.GracefulHandler;
import org.eclipse.jetty.util.thread.QueuedThreadPool;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A port that speaks HTTP/1.1, over TLS or in the clear: health, metrics and inferences on one, operators' requests on another. Owns its threads. */
public final class HttpServer implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(HttpServer.class);
    /** What a connection without a request is given when the server ends. */
    private static final Duration IDLE_AT_THE_END = Duration.ofMillis(20);

    private static final Duration FLUSH = Duration.ofSeconds(2);
    private static final int MAX_THREADS = 8;
    private static final int MAX_HEADER_BYTES = 8 << 10;

    private final Server server;
    private final ServerConnector connector;
    private final SlowCallers slowCallers;

    private HttpServer(Server server, ServerConnector connector, SlowCallers slowCallers) {
        this.server = server;
        this.connector = connector;
        this.slowCallers = slowCallers;
    }

    /**
     * Where a server listens, and what it answers by itself.
     *
     * @param name of the port, for people, and of its threads
     * @param address name or address to listen on; empty: all of this machine's
     * @param port 0: any free one
     * @param connections that are open at a time; the next one waits
     * @param refusals answers what is no HTTP, and paths with tricks in them
     * @param tls null: in the clear
     */
    public record Place(String name, String address, int port, int connections, Request.Handler refusals, Tls tls) {}

    /**
     * TLS of a port.
     *
     * @param context who the port is, and whom it trusts; asked for with each connection, so that a renewed certificate is shown by the next
     * @param needsCertificates whether callers must show a certificate that the context trusts
     */
    public record Tls(Supplier<SSLContext> context, boolean needsCertificates) {}

    /**
     * How long callers are waited for.
     *
     * @param handshake in which TLS must be agreed on
     * @param idle after which a connection without a request under way is closed, and one that does not send its request
     * @param headers in which those of a request must have come
     * @param taking in which an answer must have been taken
     */
    public record Times(Duration handshake, Duration idle, Duration headers, Duration taking) {
        public static final Times USUAL = new Times(
                Duration.ofSeconds(20), Duration.ofSeconds(30), Duration.ofSeconds(60), Duration.ofMinutes(5));

        public Times withIdle(Duration value) {
            return new Times(handshake, value, headers, taking);
        }
    }

    /**
     * @param clock nanoseconds
     * @throws GatewayException naming the port if it cannot be opened; a {@link BindException} is its cause if it is in use
     */
    public static HttpServer start(Place place, Handler handler, Times times, LongSupplier clock)
            throws GatewayException {
        QueuedThreadPool threads = new QueuedThreadPool(MAX_THREADS, 1);
        threads.setName("cleave-" + place.name().toLowerCase(Locale.ROOT));
        threads.setDaemon(true);
        Server server = new Server(threads);
        SlowCallers slowCallers = new SlowCallers(handler, times, clock);
        ServerConnector connector = connector(server, place, times, slowCallers);
        server.addConnector(connector);
        server.setHandler(new GracefulHandler(slowCallers));
        server.setStopTimeout(FLUSH.toMillis());
        server.setErrorHandler(place.refusals());
        HttpServer started = new HttpServer(server, connector, slowCallers);
        try {
            server.start();
            return started;
        } catch (Exception e) {
            started.close();
            throw refused(place, e);
        }
    }

    private static ServerConnector connector(Server server, Place place, Times times, SlowCallers slowCallers) {
        HttpConfiguration http = new HttpConfiguration();
        http.setSendServerVersion(false);
        http.setRequestHeaderSize(MAX_HEADER_BYTES);
        http.setIdleTimeout(times.idle().toMillis());
        HttpConnectionFactory clear = new HttpConnectionFactory(http);
        boolean isTls = place.tls() != null;
        ConnectionFactory[] protocols = isTls
                ? new ConnectionFactory[] {new TlsConnections(place.tls(), slowCallers), clear}
                : new ConnectionFactory[] {clear};
        ServerConnector connector = new ServerConnector(server, 1, 1, protocols) {
            @Override
            protected SocketChannelEndPoint newEndPoint(
                    SocketChannel channel, ManagedSelector selector, SelectionKey key) {
                WatchedEndPoint endPoint = new WatchedEndPoint(this, channel, selector, key);
                endPoint.setIdleTimeout(getIdleTimeout());
                endPoint.due(isTls ? slowCallers.handshakeDue() : slowCallers.headersDue());
                return endPoint;
            }
        };
        connector.setHost(place.address().isEmpty() ? null : place.address());
        connector.setPort(place.port());
        connector.setIdleTimeout(times.idle().toMillis());
        connector.setShutdownIdleTimeout(IDLE_AT_THE_END.toMillis());
        server.addBean(new NetworkConnectionLimit(place.connections(), connector));
        return connector;
    }

    private static GatewayException refused(Place place, Exception e) {
        BindException inUse = e instanceof BindException bind
                ? bind
                : e instanceof IOException && e.getCause() instanceof BindException cause ? cause : null;
        return new GatewayException(
                place.name() + " port " + place.port() + (inUse != null ? " is in use" : " cannot be opened: " + e)
                        + "; expected a free port",
                inUse != null ? inUse : e);
    }

    /** The port that is listened on. */
    public int port() {
        return connector.getLocalPort();
    }

    /** Ends connections that were waited for long enough; to be called by a timer. */
    public void sweep() {
        slowCallers.sweep(connector.getConnectedEndPoints());
    }

    /** Connections that are open. */
    public int connections() {
        return connector.getConnectedEndPoints().size();
    }

    /** Takes no new requests, gives those under way a moment to be answered, and ends their connections. */
    @Override
    public void close() {
        try {
            server.stop();
        } catch (Exception e) {
            // Jetty's stop declares everything; threads are daemons and the process is going away.
            LOG.warn("{} server did not stop cleanly: {}", connector.getPort(), e.toString());
        }
    }
}
