package dev.cleave.gateway.trial;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cleave.bundle.Bundle;
import dev.cleave.bundle.View;
import dev.cleave.engine.FakeEngine;
import dev.cleave.engine.SessionOptions;
import dev.cleave.gateway.config.GatewayConfig;
import dev.cleave.gateway.config.TryModels;
import dev.cleave.gateway.model.TestModel;
import dev.cleave.tensor.Shape;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** Real children: JVMs that run the fake engine, and what is hostile in its place ({@link HostileProvider}). */
class ModelTrialsTest {
    private static final String DIGEST = "d".repeat(64);
    private static final String DOUBLE = "input x float32 [?,4]\noutput y float32 [?,4] = affine x 2 0";
    private static final Duration LONG = Duration.ofMinutes(5);

    @TempDir
    Path folder;

    private final FakeEngine engine = new FakeEngine();
    private final AtomicInteger children = new AtomicInteger();
    private GraphMemory heap = GraphMemory.ofHeap(2);

    private ModelTrials trials(TryModels which, Duration limit, long memory) {
        return new ModelTrials(
                new GatewayConfig.Trials(which, limit, memory),
                engine,
                heap,
                folder.resolve("trials"),
                (graphBytes, memoryBytes, scratch) -> {
                    children.incrementAndGet();
                    return ChildCommand.of(graphBytes, memoryBytes, scratch);
                },
                System::nanoTime);
    }

    private ModelTrials trials() {
        return trials(TryModels.PLAIN, LONG, 2L << 30);
    }

    private ModelFiles model(String graph) throws IOException {
        return new ModelFiles("m.onnx", Files.writeString(folder.resolve("m.onnx"), graph), Map.of());
    }

    private void assertReason(ModelTrials trials, String graph, String reason) throws IOException {
        ModelFiles model = model(graph);
        assertThatThrownBy(() -> trials.report(model, DIGEST))
                .isInstanceOf(TrialException.class)
                .hasMessageContaining(reason)
                .satisfies(e -> assertThat(e.getMessage()).doesNotContain("\n"));
        assertThat(folder.resolve("trials")).doesNotExist();
    }

    @Test
    void aModelThatRunsIsReportedAndNotTriedAgain() throws Exception {
        TrialReport report = trials().report(model(DOUBLE), DIGEST);
        assertThat(report.isBatched()).isTrue();
        assertThat(report.inputs().get(0).shape()).isEqualTo(Shape.of(Shape.BATCH, 4));
        assertThat(children).hasValue(1);
        assertThat(engine.runs()).isEmpty();

        assertThat(trials().report(model(DOUBLE), DIGEST)).isEqualTo(report);
        assertThat(children).hasValue(1);
        trials().report(model(DOUBLE), "e".repeat(64));
        assertThat(children).hasValue(2);
    }

    /** Rows of 4 MiB, which come out as large, alone and together; a quarter more than that is what the child's own run takes. */
    @Test
    @EnabledOnOs(OS.LINUX)
    void whatRunsTakeIsMeasured() throws Exception {
        RunMemory taken =
                trials().report(model(DOUBLE.replace("4]", "1048576]")), DIGEST).memory();
        assertThat(taken.rows()).isEqualTo(3);
        assertThat(taken.inputBytes()).isEqualTo(12 << 20);
        assertThat(taken.rowBytes()).isBetween(8L << 20, 64L << 20);
    }

    @Test
    void theGatewaysOwnProcessIsNoMeasure() throws Exception {
        TrialReport report = trials(TryModels.NONE, LONG, 2L << 30).report(model(DOUBLE), DIGEST);
        assertThat(report.memory()).isEqualTo(RunMemory.UNKNOWN);
    }

    @Test
    void aGraphThatCouldNotBeLoadedIsNotTried() throws Exception {
        heap = GraphMemory.of(2 * DOUBLE.length() - 1);
        assertReason(trials(), DOUBLE, "m.onnx has " + DOUBLE.length() + " bytes; expected at most");
        assertReason(trials(TryModels.NONE, LONG, 2L << 30), DOUBLE, "and weights beyond that as external data");
        assertThat(children).hasValue(0);
        heap = GraphMemory.of(2 * DOUBLE.length());
        assertThat(trials(TryModels.NONE, LONG, 2L << 30)
                        .report(model(DOUBLE), DIGEST)
                        .isBatched())
                .isTrue();
    }

    @Test
    void aReportThatWasSpoiltIsMadeAgain() throws Exception {
        TrialReport report = trials().report(model(DOUBLE), DIGEST);
        try (var files = Files.list(folder.resolve("trials"))) {
            Files.writeString(files.findFirst().orElseThrow(), "{\"refused\":\"forged\"}");
        }
        TrialReport again = trials().report(model(DOUBLE), DIGEST);
        assertThat(again.inputs()).isEqualTo(report.inputs());
        assertThat(children).hasValue(2);
        assertThat(trials().report(model(DOUBLE), DIGEST)).isEqualTo(again);
        assertThat(children).hasValue(2);
    }

    @Test
    void aModelThatTheEngineRefusesComesWithTheEnginesReason() throws Exception {
        assertReason(trials(), "nonsense", "m.onnx: line \"nonsense\" is not understood");
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void aCrashIsTheChildsAlone() throws Exception {
        assertReason(trials(), "crash", "crashed fake with signal 11 (SIGSEGV) when it was tried");
    }

    @Test
    void aModelThatHangsIsGivenUp() throws Exception {
        assertReason(
                trials(TryModels.PLAIN, Duration.ofSeconds(3), 2L << 30),
                "hang",
                "did not answer within 3s when it was tried");
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void aModelThatEatsMemoryIsGivenUp() throws Exception {
        assertReason(
                trials(TryModels.PLAIN, LONG, 160L << 20), "eat", "took more than 160 MiB of memory when it was tried");
    }

    @Test
    void whatIsNoReportIsNotBelieved() throws Exception {
        assertReason(trials(), "print {\"inputs\":[]}", "gave no report that can be read when it was tried");
    }

    @Test
    void anExitIsToldWithTheLastWords() throws Exception {
        assertReason(trials(), "exit 9", "ended its trial with exit code 9: last words");
    }

    @Test
    void bundlesAreTriedIfTheyAreToBe() throws Exception {
        Bundle bundle = Bundle.open(TestModel.named("m").write(folder));
        assertThat(trials().check(bundle, 0, null)).isEqualTo(RunMemory.UNKNOWN);
        assertThat(children).hasValue(0);
        ModelTrials all = trials(TryModels.ALL, LONG, 2L << 30);
        all.check(bundle, 1, null);
        assertThat(children).hasValue(1);
        trials(TryModels.ALL, LONG, 2L << 30).check(bundle, 1, null);
        assertThat(children).hasValue(1);
        all.check(bundle, 0, null);
        assertThat(children).hasValue(2);
    }

    @Test
    void aBundleThatCannotBeLoadedIsRefusedByTheChild() throws Exception {
        Bundle edge = Bundle.open(TestModel.named("m").write(folder, View.EDGE));
        assertThatThrownBy(() -> trials(TryModels.ALL, LONG, 2L << 30).check(edge, 0, null))
                .isInstanceOf(TrialException.class)
                .hasMessageContaining("segment-2");
    }

    /** What runs of the fake engine take in the child is what its JVM needs for them, so that either form may come out. */
    @Test
    void formsAreComparedOnceInAChild() throws Exception {
        Bundle bundle = Bundle.open(TestModel.named("m").withTails(1).write(folder));
        FormReport report = trials().compare(bundle, 0, null, SessionOptions.defaults());
        assertThat(report.why()).matches("a request at each of 3 points takes .*|.* takes less than 0.1 ms");
        assertThat(children).hasValue(1);
        assertThat(engine.runs()).isEmpty();
        assertThat(trials().compare(bundle, 0, null, SessionOptions.defaults())).isEqualTo(report);
        assertThat(children).hasValue(1);
        trials().compare(bundle, 0, null, SessionOptions.defaults().withThreads(7));
        assertThat(children).as("other threads, other times").hasValue(2);
        trials().compare(bundle, 1, null, SessionOptions.defaults());
        assertThat(children).hasValue(3);
    }

    @Test
    void aBundleIsServedAsAChainWhereNothingComesOfIt() throws Exception {
        Bundle bundle = Bundle.open(TestModel.named("m").write(folder, View.EDGE));
        assertThat(trials().compare(bundle, 0, null, SessionOptions.defaults()))
                .matches(FormReport::chain)
                .satisfies(report ->
                        assertThat(report.why()).startsWith("not compared: ").contains("segment-2"));
        assertThat(folder.resolve("trials")).doesNotExist();
        assertThat(trials(TryModels.NONE, LONG, 2L << 30).compare(bundle, 0, null, SessionOptions.defaults()))
                .isEqualTo(new FormReport(true, "not compared: tryModels is none"));
        assertThat(children).hasValue(1);
    }

    @Test
    void closedTrialsTryNothing() throws Exception {
        ModelTrials trials = trials();
        trials.close();
        assertReason(trials, DOUBLE, "the gateway is stopping");
    }

    @Test
    void withNoneTheGatewaysOwnEngineIsAsked() throws Exception {
        ModelTrials trials = trials(TryModels.NONE, Duration.ofSeconds(3), 2L << 30);
        assertReason(trials, "input x float32 [1]\noutput y float32 [1] = copy x\nendless", "did not answer within 3s");
        assertThat(trials.report(model(DOUBLE), DIGEST).isBatched()).isTrue();
        assertThat(children).hasValue(0);
        assertThat(engine.openSessions()).isZero();
    }

    @Test
    void nothingOfATrialIsLeftBehind() throws Exception {
        Path temporary = Path.of(System.getProperty("java.io.tmpdir"));
        AtomicInteger seen = new AtomicInteger();
        ModelTrials trials = new ModelTrials(
                new GatewayConfig.Trials(TryModels.PLAIN, LONG, 2L << 30),
                engine,
                heap,
                folder.resolve("trials"),
                (graphBytes, memoryBytes, scratch) -> {
                    assertThat(scratch.getParent()).isEqualTo(temporary);
                    Files.createDirectories(scratch.resolve("unpacked/libraries"));
                    Files.writeString(folder.resolve("scratch"), scratch.toString());
                    seen.incrementAndGet();
                    return ChildCommand.of(graphBytes, memoryBytes, scratch);
                },
                System::nanoTime);
        trials.report(model(DOUBLE), DIGEST);
        assertThat(seen).hasValue(1);
        assertThat(Path.of(Files.readString(folder.resolve("scratch")))).doesNotExist();
    }
}
