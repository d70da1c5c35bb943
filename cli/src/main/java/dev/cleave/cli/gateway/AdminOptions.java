package dev.cleave.cli.gateway;

import dev.cleave.cli.trust.TlsOptions;
import dev.cleave.cli.units.HostPort;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Where a gateway's admin port is, and who asks. */
final class AdminOptions {
    private static final String LOOPBACK = "127.0.0.1";

    @Spec(Spec.Target.MIXEE)
    private CommandSpec verb;

    @Option(
            names = "--admin",
            paramLabel = "HOST:PORT",
            defaultValue = "127.0.0.1:8502",
            description = "Admin port of the gateway. Default ${DEFAULT-VALUE}.")
    private HostPort admin;

    @Mixin
    private TlsOptions tls;

    @Option(names = "--token", paramLabel = "T", description = "Token of an operator, where the gateway asks for one.")
    private String token;

    @Option(names = "--token-file", paramLabel = "FILE", description = "File with the token in its first line.")
    private Path tokenFile;

    @Option(
            names = "--clear-text",
            description = "Send the token in the clear to another machine, on a network that is trusted.")
    private boolean clearText;

    /** @throws ParameterException for options that do not go together */
    AdminClient client() throws IOException {
        if (token != null && tokenFile != null) {
            throw usage("--token and --token-file are both given; expected one of them");
        }
        tls.check();
        HostPort address = admin.orHost(LOOPBACK);
        String shown = tokenFile == null ? token : firstLine();
        if (shown != null && !shown.matches("[!-~]+")) {
            throw usage("token is no text of printable characters; expected what cleave token printed");
        }
        if (shown != null && tls.tls() == null && !clearText && !isLoopback(address.host())) {
            throw usage(
                    "the token would cross the network to " + address
                            + " in the clear; expected TLS (--tls, --tls-ca FILE), a tunnel (ssh -L 8502:127.0.0.1:8502 HOST), or --clear-text");
        }
        return new AdminClient(address, tls.tls(), shown);
    }

    private String firstLine() throws IOException {
        return Files.readString(tokenFile, StandardCharsets.UTF_8)
                .lines()
                .findFirst()
                .orElse("")
                .strip();
    }

    private static boolean isLoopback(String host) {
        try {
            return InetAddress.getByName(host).isLoopbackAddress();
        } catch (UnknownHostException e) {
            return false;
        }
    }

    private ParameterException usage(String message) {
        return new ParameterException(verb.commandLine(), message);
    }
}
