package dev.cleave.gateway.admin;

import dev.cleave.gateway.config.GatewayConfig;
import dev.cleave.gateway.config.GatewayException;
import dev.cleave.gateway.identity.DeviceTokens;
import dev.cleave.gateway.repository.ModelRepository;
import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Clock;
import java.time.Duration;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.thread.QueuedThreadPool;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The admin port, HTTP/1.1: on the loopback address, or elsewhere for those who have a token. Owns its threads, which are
 * few: a push keeps one of them busy.
 */
public final class AdminServer implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(AdminServer.class);
    private static final Duration IDLE_TIMEOUT = Duration.ofMinutes(5);
    private static final int MAX_THREADS = 8;
    private static final int MAX_HEADER_BYTES = 8 << 10;
    private static final long AUDIT_BYTES = 4 << 20;

    private final Server server;
    private final ServerConnector connector;

    private AdminServer(Server server, ServerConnector connector) {
        this.server = server;
        this.connector = connector;
    }

    /**
     * @param reloadEvery time after which the tokens file is looked at again
     * @return null if no such port is wanted, or it is in use and may be
     * @throws GatewayException naming what is wrong with the address, the tokens or the port
     */
    public static AdminServer start(GatewayConfig.Admin settings, Duration reloadEvery, ModelRepository repository)
            throws GatewayException {
        if (settings.port() < 0) {
            return null;
        }
        requireProtected(settings);
        AdminGuard guard = new AdminGuard(tokens(settings), reloadEvery.toNanos(), System::nanoTime);
        AuditLog audit = new AuditLog(repository.stateFolder().resolve("audit.jsonl"), AUDIT_BYTES, Clock.systemUTC());
        AdminServer admin = of(settings, new AdminRoutes(repository, guard, audit));
        try {
            admin.server.start();
            return admin;
        } catch (Exception e) {
            admin.close();
            boolean inUse =
                    e instanceof IOException && e.getCause() instanceof BindException || e instanceof BindException;
            if (inUse && settings.mayBeTaken()) {
                LOG.warn("admin port {} is in use: models are not controlled here", settings.port());
                return null;
            }
            throw new GatewayException(
                    "admin port " + settings.port() + (inUse ? " is in use" : " cannot be opened: " + e)
                            + "; expected a free port",
                    e);
        }
    }

    private static AdminServer of(GatewayConfig.Admin settings, AdminRoutes routes) {
        QueuedThreadPool threads = new QueuedThreadPool(MAX_THREADS, 1);
        threads.setName("cleave-admin");
        threads.setDaemon(true);
        Server server = new Server(threads);
        HttpConfiguration http = new HttpConfiguration();
        http.setSendServerVersion(false);
        http.setRequestHeaderSize(MAX_HEADER_BYTES);
        http.setIdleTimeout(IDLE_TIMEOUT.toMillis());
        ServerConnector connector = new ServerConnector(server, 1, 1, new HttpConnectionFactory(http));
        connector.setHost(settings.address());
        connector.setPort(settings.port());
        connector.setIdleTimeout(IDLE_TIMEOUT.toMillis());
        server.addConnector(connector);
        server.setHandler(routes);
        server.setErrorHandler(AdminRoutes::refuse);
        return new AdminServer(server, connector);
    }

    /** Whoever reaches the port could put another model in place, so who that is has to be known. */
    private static void requireProtected(GatewayConfig.Admin settings) throws GatewayException {
        boolean loopback;
        try {
            loopback = InetAddress.getByName(settings.address()).isLoopbackAddress();
        } catch (UnknownHostException e) {
            throw new GatewayException(
                    "adminAddress is \"" + settings.address() + "\", which is no address of this machine", e);
        }
        if (!loopback && settings.tokens() == null) {
            throw new GatewayException("adminAddress is \"" + settings.address()
                    + "\" without adminTokens; expected a loopback address such as 127.0.0.1, or a tokens file");
        }
        if (!loopback) {
            LOG.warn("admin tokens cross the network in the clear: put a proxy that speaks TLS before the admin port");
        }
    }

    private static DeviceTokens tokens(GatewayConfig.Admin settings) throws GatewayException {
        try {
            return settings.tokens() == null ? null : DeviceTokens.ofOperators(settings.tokens());
        } catch (IOException e) {
            throw new GatewayException("adminTokens " + e.getMessage(), e);
        }
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
            LOG.warn("admin server did not stop cleanly: {}", e.toString());
        }
    }
}
