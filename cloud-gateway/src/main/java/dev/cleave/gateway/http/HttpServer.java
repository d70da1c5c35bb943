package dev.cleave.gateway.http;

import dev.cleave.gateway.config.GatewayException;
import java.io.IOException;
import java.net.BindException;
import java.time.Duration;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.thread.QueuedThreadPool;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Health and metrics over HTTP/1.1. Owns its threads; no request body is ever read. */
public final class HttpServer implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(HttpServer.class);
    private static final Duration IDLE_TIMEOUT = Duration.ofSeconds(30);
    private static final int MAX_THREADS = 8;
    private static final int MAX_HEADER_BYTES = 8 << 10;

    private final Server server;
    private final ServerConnector connector;

    private HttpServer(Server server, ServerConnector connector) {
        this.server = server;
        this.connector = connector;
    }

    /**
     * @param address name or address to listen on; empty: all of this machine's
     * @param port 0: any free one
     * @throws GatewayException naming the port if it cannot be opened
     */
    public static HttpServer start(String address, int port, Endpoints endpoints) throws GatewayException {
        QueuedThreadPool threads = new QueuedThreadPool(MAX_THREADS, 1);
        threads.setName("cleave-http");
        threads.setDaemon(true);
        Server server = new Server(threads);
        HttpConfiguration http = new HttpConfiguration();
        http.setSendServerVersion(false);
        http.setRequestHeaderSize(MAX_HEADER_BYTES);
        http.setIdleTimeout(IDLE_TIMEOUT.toMillis());
        ServerConnector connector = new ServerConnector(server, 1, 1, new HttpConnectionFactory(http));
        connector.setHost(address.isEmpty() ? null : address);
        connector.setPort(port);
        connector.setIdleTimeout(IDLE_TIMEOUT.toMillis());
        server.addConnector(connector);
        server.setHandler(endpoints);
        server.setErrorHandler(Endpoints::refuse);
        HttpServer started = new HttpServer(server, connector);
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
