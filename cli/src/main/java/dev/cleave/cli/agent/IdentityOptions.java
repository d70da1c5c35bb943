package dev.cleave.cli.agent;

import dev.cleave.edge.EdgeAgentBuilder;
import dev.cleave.edge.identity.Tls;
import dev.cleave.edge.identity.TokenProvider;
import java.nio.file.Path;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Who the device is to a gateway, and which gateways it believes. */
public final class IdentityOptions {
    @Spec(Spec.Target.MIXEE)
    private CommandSpec verb;

    @Option(names = "--tls", description = "Reach the gateway over TLS; its certificate leads to a root of the system.")
    private boolean tls;

    @Option(names = "--tls-ca", paramLabel = "FILE", description = "The same; it leads to a root in this PEM file.")
    private Path tlsCa;

    @Option(names = "--tls-cert", paramLabel = "FILE", description = "Certificate of this device, PEM.")
    private Path tlsCertificate;

    @Option(names = "--tls-key", paramLabel = "FILE", description = "Private key of that certificate, PEM (PKCS#8).")
    private Path tlsKey;

    @Option(
            names = "--tls-name",
            paramLabel = "NAME",
            description = "Name in the gateway's certificate, if it is not the host's.")
    private String tlsName;

    @Option(names = "--token", paramLabel = "T", description = "Bearer token that goes with every call.")
    private String token;

    @Option(
            names = "--token-file",
            paramLabel = "FILE",
            description = "File with the token in its first line, read for each call.")
    private Path tokenFile;

    /** @throws ParameterException for options that do not go together */
    void check() {
        if ((tlsCertificate == null) != (tlsKey == null)) {
            throw usage("--tls-cert and --tls-key go together; expected both or neither");
        }
        if (!isTls() && (tlsCertificate != null || tlsName != null)) {
            throw usage(
                    (tlsName != null ? "--tls-name" : "--tls-cert") + " without TLS; expected --tls or --tls-ca FILE");
        }
        if (token != null && tokenFile != null) {
            throw usage("--token and --token-file are both given; expected one of them");
        }
        if (token != null) {
            try {
                TokenProvider.fixed(token);
            } catch (IllegalArgumentException malformed) {
                throw usage("--token: " + malformed.getMessage());
            }
        }
    }

    private boolean isTls() {
        return tls || tlsCa != null;
    }

    private ParameterException usage(String message) {
        return new ParameterException(verb.commandLine(), message);
    }

    void apply(EdgeAgentBuilder builder) {
        if (isTls()) {
            builder.tls(new Tls(tlsCa, tlsCertificate, tlsKey, tlsName));
        }
        if (token != null) {
            builder.token(token);
        } else if (tokenFile != null) {
            builder.token(TokenProvider.file(tokenFile));
        }
    }
}
