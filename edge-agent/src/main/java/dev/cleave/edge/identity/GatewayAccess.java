package dev.cleave.edge.identity;

import dev.cleave.tls.IdentityFiles;
import dev.cleave.tls.TrustFile;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ChannelCredentials;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.ClientInterceptors;
import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.grpc.MethodDescriptor;
import io.grpc.TlsChannelCredentials;
import java.io.IOException;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * What an agent needs to be let in: credentials for its channels, and a token for its calls. Owns what was read from the
 * files of {@link Tls}. Thread-safe.
 */
public final class GatewayAccess {
    private static final Logger LOG = Logger.getLogger(GatewayAccess.class.getName());

    private final Tls tls;
    private final TokenProvider tokens;
    private final IdentityFiles identity;
    private final TrustFile trust;
    private final ChannelCredentials credentials;
    private volatile String lastFault = "";

    /**
     * Reads the files.
     *
     * @param tls null: in the clear
     * @param tokens null: none
     * @throws IOException naming a file that cannot be used
     */
    public GatewayAccess(Tls tls, TokenProvider tokens) throws IOException {
        boolean showsCertificate = tls != null && tls.certificate() != null;
        boolean ownRoots = tls != null && tls.trustedCertificates() != null;
        this.tls = tls;
        this.tokens = tokens;
        this.identity = showsCertificate ? IdentityFiles.open(tls.certificate(), tls.privateKey()) : null;
        this.trust = ownRoots ? TrustFile.open(tls.trustedCertificates()) : null;
        this.credentials = tls == null ? InsecureChannelCredentials.create() : tlsCredentials();
    }

    private ChannelCredentials tlsCredentials() {
        TlsChannelCredentials.Builder builder = TlsChannelCredentials.newBuilder();
        if (identity != null) {
            builder.keyManager(identity.keyManager());
        }
        if (trust != null) {
            builder.trustManager(trust.trustManager());
        }
        return builder.build();
    }

    /** For channels of any transport. */
    public ChannelCredentials credentials() {
        return credentials;
    }

    /**
     * A token in the clear is everybody's who listens.
     *
     * @throws IllegalArgumentException if one would go to another machine like that
     */
    public void requireSafe(String host) {
        if (tokens != null && tls == null && !LoopbackHost.is(host)) {
            throw new IllegalArgumentException(
                    "a token would go to " + host + " in the clear, for everybody on the way to read; expected TLS");
        }
    }

    /** A channel over the transport on the class path; the caller shuts it down. */
    public ManagedChannel newChannel(GatewayAddress gateway) {
        requireSafe(gateway.host());
        ManagedChannelBuilder<?> builder =
                Grpc.newChannelBuilderForAddress(gateway.host(), gateway.port(), credentials);
        if (tls != null && tls.gatewayName() != null) {
            builder.overrideAuthority(tls.gatewayName());
        }
        return builder.build();
    }

    /** The channel, with a token on each call; files that have changed are read before each. */
    public Channel over(Channel channel) {
        return ClientInterceptors.intercept(channel, new Freshly());
    }

    private final class Freshly implements ClientInterceptor {
        @Override
        public <Q, R> ClientCall<Q, R> interceptCall(MethodDescriptor<Q, R> method, CallOptions options, Channel next) {
            refresh();
            return next.newCall(
                    method, tokens == null ? options : options.withCallCredentials(new BearerToken(tokens)));
        }
    }

    /** A fault leaves in use what there was, which is as good as before, and is logged once. */
    private void refresh() {
        String fault = "";
        try {
            if (identity != null) {
                identity.refresh();
            }
            if (trust != null) {
                trust.refresh();
            }
        } catch (IOException e) {
            fault = e.getMessage();
        }
        if (!fault.isEmpty() && !fault.equals(lastFault)) {
            LOG.log(Level.WARNING, "certificates stay as they were: {0}", fault);
        }
        lastFault = fault;
    }
}
