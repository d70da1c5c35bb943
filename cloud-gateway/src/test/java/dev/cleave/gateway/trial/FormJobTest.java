package dev.cleave.gateway.trial;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cleave.engine.DeviceOptions;
import dev.cleave.engine.EngineException;
import dev.cleave.engine.FakeEngine;
import dev.cleave.engine.SessionOptions;
import dev.cleave.gateway.model.TestModel;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Runs of 4 ms a segment; those of a session take what the test says, by its clock. */
class FormJobTest {
    private static final TestModel FLOORED = TestModel.named("m").withPrivacyFloor(1);
    private static final long MILLI = 1_000_000;

    @TempDir
    Path folder;

    private final AtomicLong now = new AtomicLong();
    private final FakeEngine engine = new FakeEngine(now::addAndGet);

    private FormJob job(Path bundle) {
        return new FormJob(new BundleJob("fake", bundle, 1, null), SessionOptions.defaults());
    }

    private FormReport report(TestModel model) throws Exception {
        FormReport report = job(model.write(folder)).run(engine, now::get);
        assertThat(engine.openSessions()).isZero();
        return report;
    }

    @Test
    void theFormThatTakesLessTimeIsFound() throws Exception {
        assertThat(report(FLOORED.withTails(6 * MILLI)))
                .isEqualTo(new FormReport(
                        true,
                        "a request at each of 2 points takes 12.00 ms in one run, 12.00 ms in a session for each"));
        assertThat(report(FLOORED.withTails(5 * MILLI)))
                .isEqualTo(new FormReport(
                        false,
                        "a request at each of 2 points takes 12.00 ms in one run, 10.00 ms in a session for each"));
    }

    @Test
    void aSessionThatIsRefusedSaysSo() throws Exception {
        engine.refuse("tail-2.onnx");
        assertThatThrownBy(() -> report(FLOORED.withTails(MILLI)))
                .isInstanceOf(EngineException.class)
                .hasMessageContaining("tail-2.onnx is refused");
        assertThat(engine.openSessions()).isZero();
    }

    @Test
    void aChildIsToldAllThatTheTailsAreLoadedWith() throws Exception {
        SessionOptions options = SessionOptions.defaults()
                .withThreads(3)
                .withProviders(List.of("cuda", "cpu"))
                .withDevice(DeviceOptions.first()
                        .withIndex(2)
                        .withMemoryBytes(1L << 40)
                        .withHalves(true)
                        .withRows(4, 32));
        FormJob job = new FormJob(new BundleJob("fake", Path.of("m.cleave"), 1, Path.of("keys")), options);
        FormJob read = (FormJob) TrialJob.read(job.write());
        assertThat(read.on()).isEqualTo(job.on());
        assertThat(read.engine()).isEqualTo("fake");
        assertThat(read.options().threads()).isEqualTo(3);
        assertThat(read.options().providers()).containsExactly("cuda", "cpu");
        assertThat(read.options().device()).isEqualTo(options.device());
    }

    @Test
    void readsWhatWasWritten() throws Exception {
        FormReport report = new FormReport(false, "two\nlines");
        FormJob job = job(Path.of("m.cleave"));
        assertThat(AnswerJson.read(job.write(report).getBytes(StandardCharsets.UTF_8), job))
                .isEqualTo(new FormReport(false, "two lines"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"{}", "{'chain':1,'why':''}", "{'chain':true}", "{'chain':true,'why':'','more':1}", "[]"})
    void whatIsNoReportIsNotBelieved(String answer) {
        byte[] bytes = answer.replace('\'', '"').getBytes(StandardCharsets.UTF_8);
        assertThatThrownBy(() -> AnswerJson.read(bytes, job(Path.of("m.cleave"))))
                .isInstanceOf(IOException.class)
                .hasMessageStartingWith("expected ");
    }
}
