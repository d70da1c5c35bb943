package dev.cleave.cli.trust;

import dev.cleave.edge.identity.Tls;
import java.nio.file.Path;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** How a gateway is reached over TLS; the same options for every verb that calls one. */
public final class TlsOptions {
    @Spec(Spec.Target.MIXEE)
    private CommandSpec verb;

    @Option(names = "--tls", description = "Reach the gateway over TLS; its certificate leads to a root of the system.")
    private boolean tls;

    @Option(names = "--tls-ca", paramLabel = "FILE", description = "The same; it leads to a root in this PEM file.")
    private Path tlsCa;

    @Option(
            names = "--tls-cert",
            paramLabel = "FILE",
            description = "Certificate to show, PEM, where the gateway asks for one.")
    private Path tlsCertificate;

    @Option(names = "--tls-key", paramLabel = "FILE", description = "Private key of that certificate, PEM (PKCS#8).")
    private Path tlsKey;

    @Option(
            names = "--tls-name",
            paramLabel = "NAME",
            description = "Name in the gateway's certificate, if it is not the host's.")
    private String tlsName;

    /** @throws ParameterException for options that do not go together */
    public void check() {
        if ((tlsCertificate == null) != (tlsKey == null)) {
            throw usage("--tls-cert and --tls-key go together; expected both or neither");
        }
        if (!isTls() && (tlsCertificate != null || tlsName != null)) {
            throw usage(
                    (tlsName != null ? "--tls-name" : "--tls-cert") + " without TLS; expected --tls or --tls-ca FILE");
        }
    }

    private boolean isTls() {
        return tls || tlsCa != null;
    }

    private ParameterException usage(String message) {
        return new ParameterException(verb.commandLine(), message);
    }

    /** Null: in the clear. */
    public Tls tls() {
        return isTls() ? new Tls(tlsCa, tlsCertificate, tlsKey, tlsName) : null;
    }
}
