package dev.cleave.partition.plan;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleave.bundle.Bundle;
import dev.cleave.engine.SessionOptions;
import dev.cleave.partition.ModelBuilder;
import dev.cleave.partition.ModelSummary;
import dev.cleave.partition.SplitCheck;
import dev.cleave.partition.Splits;
import dev.cleave.partition.cut.Cut;
import dev.cleave.partition.extract.CutGraphs;
import dev.cleave.partition.profile.DeviceProfile;
import dev.cleave.partition.survey.WireSketch;
import dev.cleave.tensor.TensorSpec;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Networks whose narrow places are several tensors wide: no cut through a single tensor is good, and the best one is found,
 * chosen and run. Times are made up from the work of each node, so that the answer is the same on every machine.
 */
class WideCutsTest {
    private static final LinkProfile LINK = new LinkProfile(100e3, 1e6, 20);
    private static final double EDGE_MILLIS_PER_MILLION = 150;
    private static final double CLOUD_MILLIS_PER_MILLION = 0.3;

    @TempDir
    Path folder;

    /**
     * Down three scales and up again. What skips over the bottleneck is one channel at each scale; the encoder's first
     * layer and all of the decoder are wide.
     */
    private static ModelBuilder uNet() {
        ModelBuilder model = new ModelBuilder().input("x", "N", 3, 32, 32);
        conv(model, "x", "wide", 3, 16, 1);
        conv(model, "wide", "skip1", 16, 1, 2);
        conv(model, "wide", "down", 16, 8, 4);
        conv(model, "down", "skip2", 8, 1, 1);
        conv(model, "down", "bottom", 8, 4, 2);
        up(model, "bottom", "up1");
        model.node("Concat", "up1 skip2", "both1").with("axis", 1);
        conv(model, "both1", "joined1", 5, 64, 1);
        up(model, "joined1", "up2");
        model.node("Concat", "up2 skip1", "both2").with("axis", 1);
        conv(model, "both2", "joined2", 65, 64, 1);
        up(model, "joined2", "up3");
        conv(model, "up3", "last", 64, 16, 1);
        return model.node("GlobalAveragePool", "last", "pooled")
                .node("Flatten", "pooled", "y")
                .output("y");
    }

    /** Every layer reads all features before it; those of the first three are narrow, what they are made of is not. */
    private static ModelBuilder denseNet() {
        ModelBuilder model = new ModelBuilder().input("x", "N", 3, 32, 32);
        conv(model, "x", "stem", 3, 16, 1);
        conv(model, "stem", "f1", 16, 1, 2);
        conv(model, "stem", "g2", 16, 1, 2);
        model.node("Concat", "g2 f1", "c2").with("axis", 1);
        conv(model, "c2", "f2", 2, 1, 1);
        String features = "f1 f2";
        for (int layer = 3; layer <= 6; layer++) {
            model.node("Concat", features, "c" + layer).with("axis", 1);
            conv(model, "c" + layer, "h" + layer, features.split(" ").length, 64, 1);
            conv(model, "h" + layer, "f" + layer, 64, 1, 1);
            features += " f" + layer;
        }
        model.node("Concat", features, "all").with("axis", 1);
        conv(model, "all", "last", 6, 32, 1);
        return model.node("GlobalAveragePool", "last", "pooled")
                .node("Flatten", "pooled", "y")
                .output("y");
    }

    private static void conv(ModelBuilder model, String from, String to, int channelsIn, int channels, int stride) {
        model.weights("w_" + to, channels, channelsIn, 3, 3)
                .node("Conv", from + " w_" + to, "c_" + to)
                .with("pads", 1, 1, 1, 1)
                .with("strides", stride, stride)
                .node("Sigmoid", "c_" + to, to);
    }

    private static void up(ModelBuilder model, String from, String to) {
        model.floats("scales_" + to, 1, 1, 2, 2).node("Resize", from + " _ scales_" + to, to);
    }

    @Test
    void uNetIsCutThroughItsBottleneckAndAllThatSkipsOverIt() throws Exception {
        Cut cut = plannedAndRun(uNet());
        assertThat(cut.boundary()).containsExactlyInAnyOrder("skip1", "skip2", "bottom");
    }

    @Test
    void denseNetIsCutThroughAllFeaturesThatLaterLayersRead() throws Exception {
        Cut cut = plannedAndRun(denseNet());
        assertThat(cut.boundary()).containsExactlyInAnyOrder("f1", "f2");
    }

    private Cut plannedAndRun(ModelBuilder model) throws Exception {
        try (PlannerRuns runs = new PlannerRuns(folder)) {
            ModelSummary summary = runs.summary(model);
            DeviceProfile edge = PlannerRuns.byWork(summary, EDGE_MILLIS_PER_MILLION);
            DeviceProfile cloud = PlannerRuns.byWork(summary, CLOUD_MILLIS_PER_MILLION);
            SplitPlan plan = runs.edge(edge).cloud(cloud).plan(summary, LINK, Constraints.defaults());
            Cut cut = plan.best().cost().cut();
            assertThat(plan.best().cost().kind()).as(plan.reason()).isEqualTo(CandidateKind.SPLIT);
            assertThat(cut.boundary().size()).isGreaterThan(1);
            assertSingleTensorsAreWorse(summary, edge, cloud, plan);
            run(model, summary, cut);
            return cut;
        }
    }

    private void assertSingleTensorsAreWorse(
            ModelSummary summary, DeviceProfile edge, DeviceProfile cloud, SplitPlan plan) throws Exception {
        List<Cut> all = summary.cuts().all();
        try (SplitCheck check = new SplitCheck(folder)) {
            CutGraphs graphs =
                    new CutGraphs(summary.model().flow(), summary.model().facts(), folder.resolve("sketch.bin"));
            Map<String, Double> bytes =
                    WireSketch.of(summary.model(), graphs, null, check.engine(), SessionOptions.defaults(), null);
            AdditiveModel additive = new AdditiveModel(
                    summary,
                    MachineTimes.of(edge, edge.nodeMillis(summary.model().graph()), all),
                    1,
                    MachineTimes.of(cloud, cloud.nodeMillis(summary.model().graph()), all),
                    1,
                    bytes);
            CandidateRows rows = new CandidateRows(summary, new DeviceModel(summary, null), additive, 1);
            List<Cut> single =
                    all.stream().filter(cut -> cut.boundary().size() == 1).toList();
            assertThat(single)
                    .hasSizeGreaterThan(2)
                    .allSatisfy(cut -> assertThat(rows.predicted(cut).totalMillis(LINK))
                            .as(cut.point())
                            .isGreaterThan(1.5 * plan.best().totalMillis()));
        }
    }

    /** As a bundle would have it, and each graph of it on the engine against the whole. */
    private void run(ModelBuilder model, ModelSummary summary, Cut cut) throws Exception {
        try (Splits splits = new Splits(folder)) {
            Bundle bundle = splits.bundle(model, cut.point());
            assertThat(bundle.contract().points().get(1).specs())
                    .extracting(TensorSpec::name)
                    .isEqualTo(cut.boundary());
        }
        try (SplitCheck check = new SplitCheck(folder)) {
            check.checkEach(summary.model(), List.of(cut), 3);
        }
    }
}
