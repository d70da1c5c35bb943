package dev.cleave.gateway.identity;

import dev.cleave.gateway.config.GatewayConfig;
import dev.cleave.gateway.config.GatewayException;
import dev.cleave.gateway.metrics.GatewayMetrics;
import dev.cleave.tls.IdentityFiles;
import dev.cleave.tls.TrustFile;
import io.grpc.InsecureServerCredentials;
import io.grpc.ServerCredentials;
import io.grpc.ServerInterceptor;
import io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.NettySslContextServerCredentials;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Who the gateway is, and whom it lets in. Owns what was read from the files of {@link GatewayConfig.Access}, and the
 * thread that reads them again: a renewed certificate is shown in the next handshake, a token that is gone ends its
 * device's streams, and everybody else's streams go on. A file that cannot be used any more is logged and counted, and
 * what it said before stays in force. Thread-safe.
 */
public final class GatewayIdentity implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(GatewayIdentity.class);
    private static final long RESUMABLE_NANOS = TimeUnit.HOURS.toNanos(1);

    private final IdentityFiles identity;
    private final TrustFile clientCa;
    private final DeviceTokens tokens;
    private final GatewayMetrics metrics;
    private final LongSupplier clock;
    private final List<Watched> watched = new ArrayList<>();
    private final ScheduledThreadPoolExecutor reader;
    /** New ones for each change of the files; where callers show certificates, every hour as well, since resuming asks nobody whether his has expired. */
    private volatile Contexts contexts;

    private long madeNanos;
    /** What the files say is not in the contexts yet; guarded by this. */
    private boolean stale;

    /** TLS of the ports. A session is resumed in the context alone that it began in, and then shows no certificate. */
    private record Contexts(SSLContext http, SslContext grpc) {}

    /** Files that are read together. */
    private static final class Watched {
        private final String what;
        private final Refresh refresh;
        private String lastFault = "";

        Watched(String what, Refresh refresh) {
            this.what = what;
            this.refresh = refresh;
        }
    }

    private interface Refresh {
        boolean refresh() throws IOException;
    }

    private GatewayIdentity(GatewayConfig.Access access, GatewayMetrics metrics, LongSupplier clock)
            throws IOException {
        this.metrics = metrics;
        this.clock = clock;
        identity = access.certificate() == null ? null : IdentityFiles.open(access.certificate(), access.privateKey());
        clientCa = access.clientCa() == null ? null : TrustFile.open(access.clientCa());
        tokens = access.tokens() == null ? null : DeviceTokens.open(access.tokens(), metrics::deviceDenied, clock);
        if (identity != null) {
            contexts = newContexts();
            madeNanos = clock.getAsLong();
            watched.add(new Watched("certificate", () -> renewed(identity.refresh())));
            metrics.certificateExpiry(() -> identity.certificate().getNotAfter().getTime());
        }
        if (clientCa != null) {
            watched.add(new Watched("client_ca", () -> renewed(clientCa.refresh())));
        }
        if (tokens != null) {
            watched.add(new Watched("tokens", tokens::refresh));
        }
        reader = watched.isEmpty() ? null : reader(access.reloadEvery().toNanos());
    }

    /** Reads every file, by the system's clock. */
    public static GatewayIdentity open(GatewayConfig.Access access, GatewayMetrics metrics) throws GatewayException {
        return open(access, metrics, System::nanoTime);
    }

    /**
     * Reads every file.
     *
     * @throws GatewayException naming the first that cannot be used
     */
    static GatewayIdentity open(GatewayConfig.Access access, GatewayMetrics metrics, LongSupplier clock)
            throws GatewayException {
        try {
            GatewayIdentity opened = new GatewayIdentity(access, metrics, clock);
            opened.remark();
            return opened;
        } catch (IOException e) {
            throw new GatewayException(e.getMessage(), e);
        }
    }

    private void remark() {
        if (tokens != null && identity == null) {
            LOG.warn("tokens are asked for without TLS: they cross the network in the clear, over gRPC and HTTP");
        }
        if (tokens != null && tokens.size() == 0) {
            LOG.warn("the tokens file names no device: nobody is let in");
        }
        if (identity != null && identity.certificate().getNotAfter().getTime() < System.currentTimeMillis()) {
            LOG.warn("the certificate has expired, {}", identity.certificate().getNotAfter());
        }
    }

    private ScheduledThreadPoolExecutor reader(long periodNanos) {
        ScheduledThreadPoolExecutor executor = new ScheduledThreadPoolExecutor(1, task -> {
            Thread thread = new Thread(task, "cleave-identity");
            thread.setDaemon(true);
            return thread;
        });
        executor.scheduleWithFixedDelay(this::refresh, periodNanos, periodNanos, TimeUnit.NANOSECONDS);
        return executor;
    }

    /** @return {@code changed}, after which no session of a connection before is resumed */
    private boolean renewed(boolean changed) throws IOException {
        stale |= changed || clientCa != null && clock.getAsLong() - madeNanos > RESUMABLE_NANOS;
        if (stale) { // Tried again as long as it fails.
            contexts = newContexts();
            madeNanos = clock.getAsLong();
            stale = false;
        }
        return changed;
    }

    private Contexts newContexts() throws IOException {
        SslContextBuilder grpc = GrpcSslContexts.configure(SslContextBuilder.forServer(identity.keyManager()));
        if (clientCa != null) {
            grpc.trustManager(clientCa.trustManager()).clientAuth(ClientAuth.REQUIRE);
        }
        return new Contexts(newHttpContext(), grpc.build());
    }

    private SSLContext newHttpContext() throws IOException {
        TrustManager[] trusted = clientCa == null ? null : new TrustManager[] {clientCa.trustManager()};
        try {
            SSLContext made = SSLContext.getInstance("TLS");
            made.init(new KeyManager[] {identity.keyManager()}, trusted, null);
            return made;
        } catch (GeneralSecurityException e) {
            throw new IOException("this platform has no TLS: " + e.getMessage(), e);
        }
    }

    /** Reads what has changed, now. */
    public synchronized void refresh() {
        for (Watched files : watched) {
            String fault = "";
            try {
                if (files.refresh.refresh()) {
                    LOG.info("{} read again", files.what);
                }
            } catch (IOException | RuntimeException | Error e) { // A timer that throws would never come again.
                fault = String.valueOf(e.getMessage());
            }
            if (!fault.isEmpty() && !fault.equals(files.lastFault)) {
                metrics.reloadFailed(files.what);
                LOG.warn("{} stays as it was: {}", files.what, fault);
            }
            files.lastFault = fault;
        }
    }

    /**
     * For one connection to a port that speaks HTTP; the next one's may be another. Null without a certificate. Whether
     * callers must show one is {@link #asksForCertificates}.
     */
    public SSLContext sslContext() {
        return identity == null ? null : contexts.http();
    }

    /** For the gRPC port. */
    public ServerCredentials credentials() {
        return identity == null
                ? InsecureServerCredentials.create()
                : NettySslContextServerCredentials.create(new CurrentSslContext(() -> contexts.grpc()));
    }

    /**
     * For every service of the server.
     *
     * @param open full names of methods that nobody needs a token for
     */
    public List<ServerInterceptor> interceptors(Set<String> open) {
        return tokens == null ? List.of() : List.of(new TokenCheck(bearers(), open));
    }

    /**
     * Who is let in over HTTP, by the token.
     *
     * @param authorization the header, or null
     */
    public Verdict judge(String authorization) {
        return tokens == null ? new Verdict(Device.ANYBODY, null) : bearers().judge(authorization);
    }

    /** Who it is that asks over HTTP where nobody needs a token. */
    public Device recognise(String authorization) {
        return tokens == null ? Device.ANYBODY : bearers().recognise(authorization);
    }

    private BearerTokens bearers() {
        return new BearerTokens(tokens, metrics::callRefused);
    }

    /** Whether callers must show a certificate, on every port that speaks TLS. */
    public boolean asksForCertificates() {
        return clientCa != null;
    }

    /** Whether the gateway's ports speak TLS. */
    public boolean isTls() {
        return identity != null;
    }

    @Override
    public void close() {
        if (reader != null) {
            reader.shutdownNow();
        }
    }
}
