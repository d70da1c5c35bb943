package dev.cleave.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import picocli.CommandLine;

class CleaveTest {
    private static final String[] LINK = {"link", "--to", "127.0.0.1:1", "--uplink", "1mbit", "--rtt", "5ms"};

    static Stream<String> verbs() {
        return commandLine().getSubcommands().keySet().stream().filter(verb -> !verb.equals("help"));
    }

    @ParameterizedTest
    @MethodSource("verbs")
    void helpOfEveryVerbEndsWithAnExampleThatParses(String verb) {
        CommandRun run = CommandRun.of(verb, "--help");
        assertThat(run.exitCode()).isZero();
        assertThat(run.err()).isEmpty();
        String[] lines = run.out().strip().split("\n");
        String example = lines[lines.length - 1].strip();
        assertThat(example + " ").startsWith("cleave " + verb + " ");
        String[] words = example.substring("cleave ".length()).split(" ");
        assertThat(commandLine().parseArgs(words).subcommand().commandSpec().name())
                .isEqualTo(verb);
    }

    @Test
    void exampleOfTheCommandItselfParses() {
        String[] lines = CommandRun.of("--help").out().strip().split("\n");
        String[] words =
                lines[lines.length - 1].strip().substring("cleave ".length()).split(" ");
        assertThat(commandLine().parseArgs(words).hasSubcommand()).isTrue();
    }

    @Test
    void versionGoesToStandardOutput() {
        assertThat(CommandRun.of("--version").out()).startsWith("cleave ");
    }

    @Test
    void noVerbAtAllIsAUsageError() {
        assertUsageError(CommandRun.of(), "cleave: missing verb");
    }

    @Test
    void unknownVerbIsAUsageError() {
        assertUsageError(CommandRun.of("lnk"), "cleave: ", "'lnk'");
    }

    @Test
    void unknownFlagIsAUsageError() {
        assertUsageError(runLink("--listen", "0", "--colour"), "cleave link: ", "unknown option", "--colour");
    }

    @Test
    void missingFlagIsAUsageError() {
        assertUsageError(CommandRun.of("link", "--listen", "1"), "cleave link: missing required options", "--to");
    }

    @ParameterizedTest
    @CsvSource({
        "--uplink, 5 parsecs, such as 250kbit",
        "--uplink, 0mbit, over zero",
        "--rtt, 50, such as 250us",
        "--to, localhost, HOST:PORT",
        "--to, localhost:70000, HOST:PORT"
    })
    void valueThatIsNoneIsAUsageErrorWhichNamesValueAndExpectation(String flag, String value, String expectation) {
        assertUsageError(CommandRun.of("link", flag, value), "cleave link: ", flag, "\"" + value + "\"", expectation);
    }

    @Test
    void portInUseIsOneLine() throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
            CommandRun run = runLink("--listen", String.valueOf(taken.getLocalPort()));
            assertFailure(run, "cleave link: --listen 127.0.0.1:" + taken.getLocalPort(), "expected a free port");
        }
    }

    @Test
    void missingTraceFileIsOneLine() {
        assertFailure(runLink("--listen", "0", "--trace", "no-such.trace"), "cleave link: no-such.trace: no such file");
    }

    @Test
    void stackTraceIsPrintedOnlyWhenAskedFor() {
        CommandRun run = runLink("--listen", "0", "--trace", "no-such.trace", "--stacktrace");
        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.err()).startsWith("cleave link: no-such.trace").contains("at dev.cleave.cli.link.LinkTrace");
    }

    private static CommandRun runLink(String... more) {
        return CommandRun.of(Stream.concat(Stream.of(LINK), Stream.of(more)).toArray(String[]::new));
    }

    private static CommandLine commandLine() {
        return Cleave.commandLine(new PrintWriter(System.out), new PrintWriter(System.err));
    }

    private static void assertUsageError(CommandRun run, String... parts) {
        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.out()).isEmpty();
        assertThat(run.err()).hasLineCount(1).contains(parts).contains("--help");
    }

    private static void assertFailure(CommandRun run, String... parts) {
        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.out()).isEmpty();
        assertThat(run.err()).hasLineCount(1).contains(parts);
    }
}
