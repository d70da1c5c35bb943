package dev.cleave.gateway.trial;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cleave.gateway.trial.ChildRun.Ended;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** Children that are shell commands. */
@EnabledOnOs(OS.LINUX)
class ChildRunTest {
    private static final Duration LONG = Duration.ofMinutes(5);
    private static final long MUCH = 1L << 40;

    @TempDir
    Path folder;

    private static ProcessBuilder shell(String command) {
        return new ProcessBuilder("sh", "-c", command);
    }

    /** Says who it is, in a file that is there when it is whole. */
    private static ProcessBuilder named(Path pidFile, String command) {
        return shell("echo $$ >" + pidFile + ".part; mv " + pidFile + ".part " + pidFile + "; exec " + command);
    }

    private static ChildRun patient() {
        return new ChildRun(LONG, MUCH, System::nanoTime);
    }

    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8);
    }

    @Test
    void readsItsJobAndAnswers() throws Exception {
        Ended ended = patient().run(shell("read line; echo got $line; echo trouble >&2; exit 4"), "the job");
        assertThat(text(ended.output())).isEqualTo("got the job\n");
        assertThat(ended.tooMuch()).isFalse();
        assertThat(ended.errors()).isEqualTo("trouble\n");
        assertThat(ended.exitCode()).isEqualTo(4);
    }

    @Test
    void isTheFirstToGoWhereTheSystemRunsOutOfMemory() throws Exception {
        Ended ended = patient().run(shell("read line; cat /proc/$$/oom_score_adj"), "the job");
        assertThat(text(ended.output())).isEqualTo("1000\n");
    }

    @Test
    void tellsTheSignalThatEndedIt() throws Exception {
        assertThat(patient().run(shell("kill -SEGV $$"), "").exitCode()).isEqualTo(128 + 11);
    }

    @Test
    void aChildThatDoesNotReadItsJobIsNotWaitedFor() throws Exception {
        assertThat(patient().run(shell("exec <&-; exit 5"), "x".repeat(1 << 20)).exitCode())
                .isEqualTo(5);
    }

    @Test
    void holdsNoMoreOfItsWordsThanItMay() throws Exception {
        Ended ended =
                patient().run(shell("head -c 3000000 /dev/zero; head -c 3000000 /dev/zero >&2; echo the end >&2"), "");
        assertThat(ended.tooMuch()).isTrue();
        assertThat(ended.output()).hasSize(AnswerJson.MAX_BYTES);
        assertThat(ended.errors()).hasSize(16 << 10).endsWith("the end\n");
    }

    @Test
    void theEndOfATextIsHeldWhateverThePieces() throws Exception {
        for (int length = 0; length < 40; length++) {
            byte[] all = "0123456789abcdefghijklmnopqrstuvwxyzABCD"
                    .substring(0, length)
                    .getBytes(StandardCharsets.UTF_8);
            BoundedText last = BoundedText.last(
                    new ByteArrayInputStream(all) {
                        @Override
                        public synchronized int read(byte[] into) {
                            return read(into, 0, 7);
                        }
                    },
                    10);
            last.await();
            assertThat(text(last.bytes())).isEqualTo(text(all).substring(Math.max(0, length - 10)));
            assertThat(last.isCut()).isEqualTo(length > 10);
        }
    }

    /** The clock jumps when the child has begun. */
    @Test
    void isKilledWhenItsTimeIsUp() throws Exception {
        Path began = folder.resolve("began");
        ChildRun run = new ChildRun(
                Duration.ofSeconds(30),
                MUCH,
                () -> Files.exists(began) ? Duration.ofSeconds(30).toNanos() : 0);
        assertThatThrownBy(() -> run.run(named(began, "sleep 1000"), ""))
                .isInstanceOf(TrialException.class)
                .hasMessage("did not answer within 30s when it was tried");
        assertGone(began);
    }

    @Test
    void aChildThatNeverReadsALongJobIsKilledAsAnyOther() {
        Path began = folder.resolve("began");
        ChildRun run = new ChildRun(
                Duration.ofSeconds(30),
                MUCH,
                () -> Files.exists(began) ? Duration.ofSeconds(30).toNanos() : 0);
        assertThatThrownBy(() -> run.run(named(began, "sleep 1000"), "x".repeat(1 << 20)))
                .isInstanceOf(TrialException.class)
                .hasMessage("did not answer within 30s when it was tried");
    }

    private static void assertGone(Path pidFile) throws Exception {
        long pid = Long.parseLong(Files.readString(pidFile).strip());
        assertThat(ProcessHandle.of(pid)).isEmpty();
    }

    @Test
    void isKilledWhenItTakesTooMuchMemory() throws Exception {
        Path began = folder.resolve("began");
        ChildRun run = new ChildRun(LONG, 64L << 20, System::nanoTime);
        // Reads a line that never ends.
        assertThatThrownBy(() -> run.run(named(began, "sort /dev/zero"), ""))
                .isInstanceOf(TrialException.class)
                .hasMessage("took more than 64 MiB of memory when it was tried");
        assertGone(began);
    }

    @Test
    void isEndedFromAnotherThread() throws Exception {
        Path began = folder.resolve("began");
        ChildRun run = patient();
        CompletableFuture<Ended> ended = CompletableFuture.supplyAsync(() -> {
            try {
                return run.run(named(began, "sleep 1000"), "");
            } catch (TrialException e) {
                throw new IllegalStateException(e.getMessage(), e);
            }
        });
        while (!Files.exists(began)) {
            Thread.yield();
        }
        run.stop();
        assertThatThrownBy(ended::get)
                .isInstanceOf(ExecutionException.class)
                .hasMessageContaining("was not tried to the end: the gateway is stopping");
        assertGone(began);
    }

    @Test
    void isNotStartedOnceItIsStopped() {
        ChildRun run = patient();
        run.stop();
        assertThatThrownBy(() -> run.run(shell("touch " + folder.resolve("ran")), ""))
                .isInstanceOf(TrialException.class);
        assertThat(folder.resolve("ran")).doesNotExist();
    }

    @Test
    void aCommandThatIsNotThereIsNamed() {
        assertThatThrownBy(() -> patient().run(new ProcessBuilder("/no/such/java"), ""))
                .isInstanceOf(TrialException.class)
                .hasMessageStartingWith("cannot be tried: no process was started")
                .hasMessageEndingWith("expected /no/such/java");
    }
}
