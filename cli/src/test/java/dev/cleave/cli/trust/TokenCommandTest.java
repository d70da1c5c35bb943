package dev.cleave.cli.trust;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleave.cli.CommandRun;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TokenCommandTest {
    @TempDir
    Path folder;

    private static String hash(String token) throws Exception {
        byte[] hash = MessageDigest.getInstance("SHA-256").digest(token.getBytes(StandardCharsets.US_ASCII));
        return HexFormat.of().formatHex(hash);
    }

    @Test
    void printsATokenAndKeepsItsHashAlone() throws Exception {
        Path tokens = Files.writeString(folder.resolve("tokens.txt"), "# hall 7");
        CommandRun first = CommandRun.of("token", "camera-1", "--into", tokens.toString());
        CommandRun second = CommandRun.of("token", "camera-2", "--into", tokens.toString());
        assertThat(first.exitCode()).as(first.err()).isZero();
        String token = first.out().strip();
        assertThat(token).hasSize(43).matches("[A-Za-z0-9_-]+");
        assertThat(second.out().strip()).isNotEqualTo(token);
        assertThat(Files.readAllLines(tokens))
                .isEqualTo(List.of(
                        "# hall 7", hash(token) + " camera-1", hash(second.out().strip()) + " camera-2"));
    }

    @Test
    void writesWhatTheDeviceMayDo() throws Exception {
        Path tokens = folder.resolve("tokens.txt");
        CommandRun run = CommandRun.of(
                "token",
                "camera-1",
                "--into",
                tokens.toString(),
                "--models",
                "lines*,resnet",
                "--rate",
                "50/s",
                "--burst",
                "100",
                "--bytes",
                "10M/s",
                "--streams",
                "4");
        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(Files.readAllLines(tokens))
                .containsExactly(hash(run.out().strip())
                        + " camera-1 models=lines*,resnet rate=50/s burst=100 bytes=10M/s streams=4");
    }

    @Test
    void writesNothingThatAGatewayCouldNotRead() throws Exception {
        Path tokens = folder.resolve("tokens.txt");
        CommandRun fast = CommandRun.of("token", "camera-1", "--into", tokens.toString(), "--rate", "fast");
        assertThat(fast.exitCode()).isEqualTo(2);
        assertThat(fast.err())
                .contains("the token's line has rate=fast; expected requests such as 50/s, 100/min or 20/h");
        assertThat(tokens).doesNotExist();
        assertThat(CommandRun.of("token", "camera-1", "--into", tokens.toString(), "--streams", "2")
                        .exitCode())
                .isZero();
        byte[] before = Files.readAllBytes(tokens);
        CommandRun other = CommandRun.of("token", "camera-1", "--into", tokens.toString());
        assertThat(other.exitCode()).isEqualTo(1);
        assertThat(other.err()).contains("line 2 lets camera-1 do something else than line 1; expected the same");
        assertThat(Files.readAllBytes(tokens)).isEqualTo(before);
    }

    @Test
    void refusesADeviceThatIsNoName() {
        CommandRun run = CommandRun.of("token", "two words");
        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.err()).contains("DEVICE \"two words\": expected 1 to 128 printable");
    }

    @Test
    void refusesOptionsOfIdentityThatDoNotGoTogether() {
        assertUsage("--tls-cert and --tls-key go together", "--tls-ca", "x", "--tls-cert", "c");
        assertUsage("--tls-cert without TLS; expected --tls or --tls-ca", "--tls-cert", "c", "--tls-key", "k");
        assertUsage("--tls-name without TLS", "--tls-name", "n");
        assertUsage("--token and --token-file are both given", "--token", "t", "--token-file", "f");
        assertUsage("--token: the token's character 1 is none that it may have", "--token", "a b");
    }

    private static void assertUsage(String expected, String... options) {
        String[] arguments = new String[options.length + 2];
        arguments[0] = "infer";
        arguments[1] = "none.cleave";
        System.arraycopy(options, 0, arguments, 2, options.length);
        CommandRun run = CommandRun.of(arguments);
        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.err()).contains(expected);
    }
}
