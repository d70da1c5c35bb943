package dev.cleave.partition.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cleave.engine.Engine;
import dev.cleave.engine.Engines;
import dev.cleave.engine.SessionOptions;
import dev.cleave.partition.ModelBuilder;
import dev.cleave.partition.ModelSummary;
import dev.cleave.partition.PartsHeard;
import dev.cleave.partition.Splits;
import dev.cleave.partition.cut.Cut;
import dev.cleave.partition.profile.TimingLimits;
import dev.cleave.partition.progress.Progress;
import dev.cleave.partition.sample.Samples;
import dev.cleave.partition.scratch.ScratchFolder;
import dev.cleave.partition.shape.ProbeSettings;
import dev.cleave.tensor.ElementType;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Several questions about one model, answered out of one measurement. */
class SharedMeasurementTest {
    private static final LinkProfile SLOW = new LinkProfile(1e5, 1e5, 100);
    private static final LinkProfile FAST = new LinkProfile(1e8, 1e8, 1);

    @TempDir
    private Path folder;

    @Test
    void everyQuestionHasItsOwnShortlistAndSlowdownAndTheSameMeasurements() throws Exception {
        try (Engine engine = Engines.create("onnxruntime")) {
            ModelSummary summary = summary(engine);
            Samples samples = samples();
            List<CostTable> tables = planner(engine)
                    .measure(List.of(request(summary, samples, SLOW, 1), request(summary, samples, FAST, 10)));
            assertThat(tables).hasSize(2);
            for (CostTable table : tables) {
                assertThat(table.rows().stream().filter(row -> row.kind() == CandidateKind.SPLIT && row.isSurveyed()))
                        .hasSize(1)
                        .allMatch(CandidateCost::measured);
            }
            assertThat(tables).extracting(CostTable::edgeSlowdown).containsExactly(1.0, 10.0);
            CandidateCost local = row(tables.get(0), CandidateKind.LOCAL);
            assertThat(row(tables.get(1), CandidateKind.LOCAL).headMillis()).isEqualTo(local.headMillis() * 10);
            CandidateCost cloud = row(tables.get(0), CandidateKind.CLOUD_RAW);
            assertThat(row(tables.get(1), CandidateKind.CLOUD_RAW).tailMillis()).isEqualTo(cloud.tailMillis());
        }
    }

    @Test
    void questionsThatNeedOtherMeasurementsAreRefused() throws Exception {
        try (Engine engine = Engines.create("onnxruntime")) {
            ModelSummary summary = summary(engine);
            PlanRequest one = request(summary, samples(), SLOW, 1);
            PlanRequest other = request(summary, samples(), SLOW, 1);
            assertThatThrownBy(() -> planner(engine).measure(List.of(one, other)))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("expected the same but for slowdown, link");
        }
    }

    @Test
    void aCutThatWasMeasuredIsNotMeasuredAgainWhenOthersAreAskedFor() throws Exception {
        try (Engine engine = Engines.create("onnxruntime");
                ScratchFolder scratch = ScratchFolder.create("cleave-test")) {
            ModelSummary summary = summary(engine);
            PartsHeard heard = new PartsHeard();
            PlanRun run = planner(engine, heard).begin(request(summary, samples(), SLOW, 1), scratch);
            Cut known = run.candidates().rows().stream()
                    .filter(row -> row.kind() == CandidateKind.SPLIT && row.isSurveyed())
                    .map(CandidateCost::cut)
                    .findFirst()
                    .orElseThrow();
            heard.clear();
            CostTable before = run.of(List.of(known));
            assertThat(heard.parts()).isEmpty();
            Cut other = summary.cuts().all().stream()
                    .filter(cut -> !cut.equals(known))
                    .findFirst()
                    .orElseThrow();
            CostTable both = run.of(List.of(known, other));
            assertThat(heard.parts())
                    .contains("calibrate point 1")
                    .doesNotContain("calibrate point 2", "timing the whole model");
            assertThat(both.rows().stream().filter(row -> row.kind() == CandidateKind.SPLIT))
                    .extracting(CandidateCost::cut)
                    .containsExactly(known, other);
            assertThat(both.rows())
                    .filteredOn(row -> row.kind() == CandidateKind.SPLIT)
                    .allMatch(CandidateCost::measured);
            assertThat(both.calibrated()).containsOnlyKeys(known.boundary(), other.boundary());
            assertThat(both.calibrated().get(known.boundary()))
                    .isEqualTo(before.calibrated().get(known.boundary()));
        }
    }

    private static CandidateCost row(CostTable table, CandidateKind kind) {
        return table.rows().stream()
                .filter(row -> row.kind() == kind)
                .findFirst()
                .orElseThrow();
    }

    private static SplitPlanner planner(Engine engine) {
        return planner(engine, Progress.NONE);
    }

    private static SplitPlanner planner(Engine engine, Progress progress) {
        return new SplitPlanner(engine, SessionOptions.defaults().withThreads(1), "test", progress, System::nanoTime);
    }

    private ModelSummary summary(Engine engine) throws Exception {
        ModelBuilder model = new ModelBuilder()
                .input("x", "N", 8)
                .weights("wa", 8, 6)
                .weights("wb", 6, 4)
                .weights("wc", 4, 5)
                .node("MatMul", "x wa", "a")
                .node("MatMul", "a wb", "b")
                .node("MatMul", "b wc", "y")
                .output("y", ElementType.FLOAT32, "N", 5);
        return ModelSummary.of(model.read(folder), engine, ProbeSettings.defaults());
    }

    private static Samples samples() {
        return Splits.vectors(8, 8);
    }

    private static PlanRequest request(ModelSummary summary, Samples samples, LinkProfile link, double slowdown) {
        return PlanRequest.of(summary, link)
                .withSamples(samples, 0.98)
                .withEdgeSlowdown(slowdown)
                .withMostMeasured(1)
                .withLimits(TimingLimits.defaults().withRuns(2, 2));
    }
}
