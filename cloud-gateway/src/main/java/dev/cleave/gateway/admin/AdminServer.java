package dev.cleave.gateway.admin;

import dev.cleave.gateway.config.GatewayConfig;
import dev.cleave.gateway.config.GatewayException;
import dev.cleave.gateway.http.HttpServer;
import dev.cleave.gateway.identity.DeviceTokens;
import dev.cleave.gateway.repository.ModelRepository;
import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Clock;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The admin port, HTTP/1.1, over TLS where the gateway has a certificate: on the loopback address, or elsewhere for those who have a token. Owns its threads, which are
 * few: a push keeps one of them busy.
 */
public final class AdminServer implements AutoCloseable {
    /** Operators are few. */
    private static final int MOST_CONNECTIONS = 100;

    private static final Logger LOG = LoggerFactory.getLogger(AdminServer.class);
    /** A push of gigabytes is checked before it is answered. */
    private static final HttpServer.Times TIMES = HttpServer.Times.USUAL.withIdle(Duration.ofMinutes(5));

    private static final long AUDIT_BYTES = 4 << 20;

    private final HttpServer server;

    private AdminServer(HttpServer server) {
        this.server = server;
    }

    /**
     * @param reloadEvery time after which the tokens file is looked at again
     * @param tls null: in the clear
     * @return null if no such port is wanted, or it is in use and may be
     * @throws GatewayException naming what is wrong with the address, the tokens or the port
     */
    public static AdminServer start(
            GatewayConfig.Admin settings, Duration reloadEvery, HttpServer.Tls tls, ModelRepository repository)
            throws GatewayException {
        if (settings.port() < 0) {
            return null;
        }
        requireProtected(settings, tls != null);
        AdminGuard guard = new AdminGuard(tokens(settings), reloadEvery.toNanos(), System::nanoTime);
        AuditLog audit = new AuditLog(repository.stateFolder().resolve("audit.jsonl"), AUDIT_BYTES, Clock.systemUTC());
        HttpServer.Place place = new HttpServer.Place(
                "admin", settings.address(), settings.port(), MOST_CONNECTIONS, AdminRoutes::refuse, tls);
        AdminRoutes routes = new AdminRoutes(repository, guard, audit, System::nanoTime);
        try {
            return new AdminServer(HttpServer.start(place, routes, TIMES, System::nanoTime));
        } catch (GatewayException refused) {
            if (refused.getCause() instanceof BindException && settings.mayBeTaken()) {
                LOG.warn("admin port {} is in use: models are not controlled here", settings.port());
                return null;
            }
            throw refused;
        }
    }

    /** Whoever reaches the port could put another model in place, so who that is has to be known. A certificate does not say: devices have theirs, too. */
    private static void requireProtected(GatewayConfig.Admin settings, boolean isTls) throws GatewayException {
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
        if (!loopback && !isTls) {
            LOG.warn("admin tokens cross the network in the clear: give the gateway a certificate, or put a proxy that"
                    + " speaks TLS before the admin port");
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
        return server.port();
    }

    /** Ends connections that were waited for long enough; to be called by a timer. */
    public void sweep() {
        server.sweep();
    }

    @Override
    public void close() {
        server.close();
    }
}
