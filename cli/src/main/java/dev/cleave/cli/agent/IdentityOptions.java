package dev.cleave.cli.agent;

import dev.cleave.cli.trust.TlsOptions;
import dev.cleave.edge.EdgeAgentBuilder;
import dev.cleave.edge.identity.TokenProvider;
import java.nio.file.Path;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Who the device is to a gateway, and which gateways it believes. */
public final class IdentityOptions {
    @Spec(Spec.Target.MIXEE)
    private CommandSpec verb;

    @Mixin
    private TlsOptions tls;

    @Option(names = "--token", paramLabel = "T", description = "Bearer token that goes with every call.")
    private String token;

    @Option(
            names = "--token-file",
            paramLabel = "FILE",
            description = "File with the token in its first line, read for each call.")
    private Path tokenFile;

    /** @throws ParameterException for options that do not go together */
    void check() {
        tls.check();
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

    private ParameterException usage(String message) {
        return new ParameterException(verb.commandLine(), message);
    }

    void apply(EdgeAgentBuilder builder) {
        if (tls.tls() != null) {
            builder.tls(tls.tls());
        }
        if (token != null) {
            builder.token(token);
        } else if (tokenFile != null) {
            builder.token(TokenProvider.file(tokenFile));
        }
    }
}
