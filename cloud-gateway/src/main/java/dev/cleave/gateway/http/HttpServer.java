package dev.cleave.gateway.http;

import dev.cleave.gateway.config.GatewayException;
import java.io.IOException;
import java.net.BindException;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import org.eclipse.jetty.io.ManagedSelector;
import org.eclipse.jetty.io.SocketChannelEndPoint;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.NetworkConnectionLimit;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.server.handler.GracefulHandler;
import org.eclipse.jetty.util.thread.QueuedThreadPool;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Health, metrics and inferences over HTTP/1.1. Owns its threads. */
public final class HttpServer implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(HttpServer.class);
    private static final Duration IDLE_TIMEOUT = Duration.ofSeconds(30);
    /** What a connection without a request is given when the server ends. */
    private static final Duration IDLE_AT_THE_END = Duration.ofMillis(20);

    private static final Duration FLUSH = Duration.ofSeconds(2);
    private static final int MAX_THREADS = 8;
    private static final int MAX_HEADER_BYTES = 8 << 10;

    private final Server server;
    private final ServerConnector connector;
    private final NetworkConnectionLimit limit;

    private HttpServer(Server server, ServerConnector connector, NetworkConnectionLimit limit) {
        this.server = server;
        this.connector = connector;
        this.limit = limit;
    }

    /**
     * @param address name or address to listen on; empty: all of this machine's
     * @param port 0: any free one
     * @param connections that are open at a time; the next one waits
     * @throws GatewayException naming the port if it cannot be opened
     */
    public static HttpServer start(String address, int port, int connections, Endpoints endpoints)
            throws GatewayException {
        return start(address, port, connections, endpoints, IDLE_TIMEOUT);
    }

    /** @param idle after which a connection without a request under way is closed, and one that does not send its request */
    static HttpServer start(String address, int port, int connections, Endpoints endpoints, Duration idle)
            throws GatewayException {
        QueuedThreadPool threads = new QueuedThreadPool(MAX_THREADS, 1);
        threads.setName("cleave-http");
        threads.setDaemon(true);
        Server server = new Server(threads);
        HttpConfiguration http = new HttpConfiguration();
        http.setSendServerVersion(false);
        http.setRequestHeaderSize(MAX_HEADER_BYTES);
        http.setIdleTimeout(idle.toMillis());
        ServerConnector connector = new ServerConnector(server, 1, 1, new HttpConnectionFactory(http)) {
            @Override
            protected SocketChannelEndPoint newEndPoint(
                    SocketChannel channel, ManagedSelector selector, SelectionKey key) {
                CallerWatch.WatchedEndPoint endPoint = new CallerWatch.WatchedEndPoint(this, channel, selector, key);
                endPoint.setIdleTimeout(getIdleTimeout());
                return endPoint;
            }
        };
        connector.setHost(address.isEmpty() ? null : address);
        connector.setPort(port);
        connector.setIdleTimeout(idle.toMillis());
        connector.setShutdownIdleTimeout(IDLE_AT_THE_END.toMillis());
        server.addConnector(connector);
        NetworkConnectionLimit limit = new NetworkConnectionLimit(connections, connector);
        server.addBean(limit);
        server.setHandler(new GracefulHandler(endpoints));
        server.setStopTimeout(FLUSH.toMillis());
        server.setErrorHandler(Endpoints::refuse);
        HttpServer started = new HttpServer(server, connector, limit);
        try {
            server.start();
            return started;
        } catch (Exception e) {
            started.close();
            throw refused(port, e);
        }
    }

    private static GatewayException refused(int port, Exception e) {
        boolean inUse = e instanceof IOException && e.getCause() instanceof BindException || e instanceof BindException;
        return new GatewayException(
                "HTTP port " + port + (inUse ? " is in use" : " cannot be opened: " + e) + "; expected a free port", e);
    }

    /** The port that is listened on. */
    public int port() {
        return connector.getLocalPort();
    }

    /** That are open. */
    public int connections() {
        return limit.getNetworkConnectionCount();
    }

    /** Takes no new requests, gives those under way a moment to be answered, and ends their connections. */
    @Override
    public void close() {
        try {
            server.stop();
        } catch (Exception e) {
            // Jetty's stop declares everything; threads are daemons and the process is going away.
            LOG.warn("HTTP server did not stop cleanly: {}", e.toString());
        }
    }
}
