package dev.cleave.cli.trust;

import dev.cleave.cli.failure.UserException;
import dev.cleave.cli.output.Terminal;
import dev.cleave.cli.verb.Verb;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
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
        footer = {"", "Example:", "  cleave token camera-1 --into tokens.txt"})
public final class TokenCommand extends Verb {
    private static final int TOKEN_BYTES = 32;

    @Parameters(paramLabel = "DEVICE", description = "What the gateway calls the device.")
    private String device;

    @Option(names = "--into", paramLabel = "FILE", description = "Tokens file that gets a line for the device.")
    private Path tokens;

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
        String line = HexFormat.of().formatHex(hash) + " " + device;
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

    /** A former last line may lack its end. */
    private void append(String line) throws IOException {
        try {
            boolean open = Files.exists(tokens) && Files.size(tokens) > 0 && !endsWithNewline();
            Files.writeString(
                    tokens, (open ? "\n" : "") + line + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw new UserException(tokens + " cannot be written: " + e.getMessage(), e);
        }
    }

    private boolean endsWithNewline() throws IOException {
        byte[] content = Files.readAllBytes(tokens);
        return content[content.length - 1] == '\n';
    }
}
