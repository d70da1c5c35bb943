package dev.cleave.gateway.trial;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cleave.gateway.trial.ChildRun.Ended;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class VerdictTest {
    private static final PlainJob JOB =
            new PlainJob("onnxruntime", new ModelFiles("m.onnx", Path.of("m.onnx"), Map.of()));

    /** What a JVM says before it ends. */
    private static final String JVM = """
            #
            # A fatal error has been detected by the Java Runtime Environment:
            #
            #  SIGSEGV (0xb) at pc=0x00007f, pid=1, tid=2
            """;

    private static void assertReason(int exitCode, String errors, String reason) {
        assertThatThrownBy(() -> Verdict.of(new Ended(exitCode, new byte[0], false, errors), JOB))
                .isInstanceOf(TrialException.class)
                .hasMessage(reason);
    }

    @ParameterizedTest
    @CsvSource({"139, 11 (SIGSEGV)", "134, 6 (SIGABRT)", "135, 7 (SIGBUS)", "136, 8 (SIGFPE)", "160, 32"})
    void anEndBySignalIsACrash(int exitCode, String signal) {
        assertReason(exitCode, "", "crashed onnxruntime with signal " + signal + " when it was tried");
    }

    @Test
    void theSignalIsTheOneThatTheJvmEndedFor() {
        for (int exitCode : new int[] {1, 134}) {
            Ended ended = new Ended(exitCode, JVM.getBytes(StandardCharsets.UTF_8), false, "");
            assertThatThrownBy(() -> Verdict.of(ended, JOB))
                    .hasMessage("crashed onnxruntime with signal 11 (SIGSEGV) when it was tried");
        }
    }

    @Test
    void beingKilledMayBeTheSystemsDoing() {
        assertReason(
                137,
                "",
                "crashed onnxruntime with signal 9 (SIGKILL) when it was tried, which the system does where memory is"
                        + " short");
    }

    @Test
    void anotherExitCodeComesWithTheLastWords() {
        assertReason(3, "one\ntwo\n", "ended its trial with exit code 3: two");
        assertReason(3, "", "ended its trial with exit code 3");
    }

    @Test
    void garbageAndTooMuchAreNoReport() {
        byte[] garbage = "hello".getBytes(StandardCharsets.UTF_8);
        assertThatThrownBy(() -> Verdict.of(new Ended(0, garbage, false, ""), JOB))
                .hasMessageStartingWith("gave no report that can be read when it was tried: no JSON: Unrecognized");
        assertThatThrownBy(() -> Verdict.of(new Ended(0, garbage, true, ""), JOB))
                .hasMessage("gave more than 1048576 bytes when it was tried; expected one line of a report");
    }
}
