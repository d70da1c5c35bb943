package dev.cleave.cli.refusal;

import static dev.cleave.cli.refusal.Refusals.assertUsageError;

import dev.cleave.cli.CommandRun;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** {@code --updates}, {@code --shadow}, {@code --profile} and {@code --engine} of the daemon. */
class UpkeepOptionsTest {
    private static CommandRun agent(String... more) {
        return Refusals.run(Stream.of("agent", "no.cleave", "--stdin"), more);
    }

    private static CommandRun withGateway(String... more) {
        return Refusals.run(Stream.of("agent", "no.cleave", "--stdin", "--gateway", "127.0.0.1:1"), more);
    }

    @Test
    void updatesNeedAGatewayAndAFolder() {
        assertUsageError(agent("--updates", "kept"), "--updates needs --gateway HOST:PORT, where they come from");
        assertUsageError(withGateway("--trial", "50"), "--trial without --updates DIR; expected a folder");
        assertUsageError(
                withGateway("--update-every", "60s"), "--update-every without --updates DIR; expected a folder");
    }

    @Test
    void valuesThatMakeNoSenseAreUsageErrors() {
        assertUsageError(
                withGateway("--updates", "kept", "--trial", "5"), "a trial of 5 requests; expected 20 to 1000");
        assertUsageError(
                withGateway("--updates", "kept", "--update-every", "5ms"),
                "looking for updates every 5 ms; expected 1 s to 30 d");
        assertUsageError(agent("--shadow", "0.1"), "--shadow needs --gateway HOST:PORT, whose answers are compared");
        assertUsageError(withGateway("--updates", "pom.xml"), "--updates pom.xml is a file; expected a folder");
        assertUsageError(agent("--shadow", "1.5"), "--shadow 1.5: expected 0 to 1");
        assertUsageError(agent("--shadow", "-0.1"), "--shadow -0.1: expected 0 to 1");
        assertUsageError(agent("--shadow", "NaN"), "--shadow NaN: expected 0 to 1");
    }

    @Test
    void theProfileIsNotTheBundle() {
        assertUsageError(
                agent("--profile", "./no.cleave"), "--profile ./no.cleave is the bundle; expected another file");
    }

    @Test
    void anEngineIsOneOfThoseThatThereAre() {
        assertUsageError(agent("--engine", "torch"), "--engine torch: expected one of [onnxruntime, tflite]");
    }
}
