package dev.cleave.cli.trust;

import dev.cleave.cli.failure.UserException;
import dev.cleave.cli.output.Terminal;
import dev.cleave.cli.verb.Verb;
import dev.cleave.gateway.identity.DeviceTokens;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.HexFormat;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code cleave token}: a new bearer token. The tokens file of a gateway gets its hash; nobody keeps the token. */
@Command(
        name = "token",
        description = "Makes a bearer token by which a gateway knows a device.",
        footer = {
            "",
            "Examples:",
            "  cleave token camera-1 --into tokens.txt",
            "  cleave token camera-2 --into tokens.txt --models 'lines*,resnet' --rate 50/s --burst 100"
        })
public final class TokenCommand extends Verb {
    private static final int TOKEN_BYTES = 32;

    @Parameters(paramLabel = "DEVICE", description = "What the gateway calls the device.")
    private String device;

    @Option(names = "--into", paramLabel = "FILE", description = "Tokens file that gets a line for the device.")
    private Path tokens;

    @Option(
            names = "--models",
            paramLabel = "NAME,..",
            description = "The only models that the device may use; * at the end of a name stands for any rest.")
    private String models;

    @Option(names = "--rate", paramLabel = "N/s", description = "Requests that it may send: 50/s, 100/min, 20/h.")
    private String rate;

    @Option(names = "--burst", paramLabel = "N", description = "Of these, at once. Default: those of a second.")
    private String burst;

    @Option(names = "--bytes", paramLabel = "SIZE/s", description = "Bytes of requests that it may send: 10M/s, 1G/h.")
    private String bytes;

    @Option(names = "--streams", paramLabel = "N", description = "Streams that it may have open.")
    private String streams;

    record Document(String device, String token, String sha256) {}

    @Override
    protected void run(Terminal terminal) throws Exception {
        if (!device.matches("[!-~]{1,128}") || device.startsWith("#")) {
            throw usage("DEVICE \"" + device + "\": expected 1 to 128 printable ASCII characters without spaces");
        }
        byte[] random = new byte[TOKEN_BYTES];
        new SecureRandom().nextBytes(random);
        String token = Base64.getUrlEncoder().withoutPadding().encodeToString(random);
        byte[] hash = MessageDigest.getInstance("SHA-256").digest(token.getBytes(StandardCharsets.US_ASCII));
        String line = HexFormat.of().formatHex(hash) + " " + device + fields();
        requireReadable(line);
        if (tokens != null) {
            append(line);
        }
        if (terminal.isJson()) {
            terminal.json().document(new Document(device, token, HexFormat.of().formatHex(hash)));
            return;
        }
        terminal.print(token);
        terminal.note(tokens == null ? "line for the gateway's tokens file: " + line : tokens + " knows " + device);
    }

    /** What the device may do, as the gateway reads it behind the name. */
    private String fields() {
        StringBuilder fields = new StringBuilder();
        append(fields, "models", models);
        append(fields, "rate", rate);
        append(fields, "burst", burst);
        append(fields, "bytes", bytes);
        append(fields, "streams", streams);
        return fields.toString();
    }

    private static void append(StringBuilder fields, String name, String value) {
        if (value != null) {
            fields.append(' ').append(name).append('=').append(value);
        }
    }

    private void requireReadable(String line) {
        try {
            DeviceTokens.check(Path.of("the token"), line.getBytes(StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw usage(e.getMessage().replace("the token, line 1", "the token's line"));
        }
    }

    /** A former last line may lack its end. A file that the gateway could not read is not written. */
    private void append(String line) throws IOException {
        try {
            String before = Files.exists(tokens) ? Files.readString(tokens) : "";
            String added = (before.isEmpty() || before.endsWith("\n") ? "" : "\n") + line + "\n";
            DeviceTokens.check(tokens, (before + added).getBytes(StandardCharsets.UTF_8));
            Files.writeString(tokens, added, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        } catch (NoSuchFileException e) {
            throw new UserException(tokens + " cannot be written: its folder is not there", e);
        } catch (IOException e) {
            throw new UserException(tokens + " cannot be written: " + e.getMessage(), e);
        }
    }
}
