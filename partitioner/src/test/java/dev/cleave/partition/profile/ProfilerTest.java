package dev.cleave.partition.profile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.cleave.engine.Engine;
import dev.cleave.engine.Engines;
import dev.cleave.engine.Machine;
import dev.cleave.engine.SessionOptions;
import dev.cleave.partition.ModelBuilder;
import dev.cleave.partition.ModelSummary;
import dev.cleave.partition.cut.Cut;
import dev.cleave.partition.graph.OnnxModel;
import dev.cleave.partition.profile.DeviceProfile.BatchTime;
import dev.cleave.partition.profile.DeviceProfile.NodeCost;
import dev.cleave.partition.profile.DeviceProfile.SpotCheck;
import dev.cleave.partition.progress.Progress;
import dev.cleave.partition.sample.Sample;
import dev.cleave.partition.sample.Samples;
import dev.cleave.partition.shape.ProbeSettings;
import dev.cleave.tensor.ElementType;
import dev.cleave.tensor.Shape;
import dev.cleave.tensor.Tensor;
import dev.cleave.tensor.TensorSpec;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProfilerTest {
    private static final Machine MACHINE = new Machine("test", "os 1", "arch", "cpu", 2);
    private static final ProfileSettings SETTINGS =
            ProfileSettings.defaults().withLimits(TimingLimits.defaults().withRuns(4, 4));

    @TempDir
    Path folder;

    /** Six nodes; cuts after each activation. */
    private static ModelBuilder chain() {
        return new ModelBuilder()
                .input("x", "N", 32)
                .weights("w1", 32, 64)
                .weights("w2", 64, 48)
                .weights("w3", 48, 16)
                .node("MatMul", "x w1", "m1")
                .node("Sigmoid", "m1", "s1")
                .node("MatMul", "s1 w2", "m2")
                .node("Sigmoid", "m2", "s2")
                .node("MatMul", "s2 w3", "m3")
                .node("Sigmoid", "m3", "y")
                .output("y");
    }

    private static Samples samples(int... firstDims) {
        return Samples.of(Arrays.stream(firstDims)
                .mapToObj(rows ->
                        new Sample("s", Map.of("x", Tensor.ofFloats(Shape.of(rows, 32), new float[rows * 32]))))
                .toList());
    }

    @Test
    void measuresEverythingOnARealEngine() throws Exception {
        try (Engine engine = Engines.create("onnxruntime")) {
            ModelSummary model = summary(chain(), engine);
            DeviceProfile profile = new Profiler(
                            engine,
                            SessionOptions.defaults().withThreads(1),
                            SETTINGS.withBatchRows(List.of(4, 1)),
                            System::nanoTime,
                            Progress.NONE)
                    .profile(model, samples(1, 1), MACHINE, "9.9");
            assertThat(profile.toolVersion()).isEqualTo("9.9");
            assertThat(profile.machine()).isEqualTo(MACHINE);
            assertThat(profile.engine())
                    .isEqualTo(new DeviceProfile.EngineUse("onnxruntime", engine.version(), "cpu", 1));
            assertThat(profile.model().file()).isEqualTo("model.onnx");
            assertThat(profile.model().precision()).isEqualTo("fp32");
            profile.requireModel(model.model().graph());
            assertThat(profile.whole().inputs())
                    .containsExactly(new TensorSpec("x", ElementType.FLOAT32, Shape.of(1, 32)));
            assertThat(profile.whole().medianMillis()).isPositive();
            assertThat(profile.whole().memory())
                    .isEqualTo(MemoryEstimate.ofWhole(
                            model.model().flow(), model.model().facts()));
            assertThat(profile.nodes().costs()).hasSize(6);
            assertThat(profile.nodes().costs().stream()
                            .mapToDouble(NodeCost::millis)
                            .sum())
                    .isEqualTo(profile.whole().medianMillis(), within(1e-9));
            assertThat(profile.spotChecks()).isNotEmpty().allSatisfy(check -> {
                assertThat(check.headMillis()).isPositive();
                assertThat(check.tailMillis()).isPositive();
                assertThat(check.runs()).isEqualTo(4);
            });
            assertThat(profile.batch().times()).extracting(BatchTime::rows).containsExactly(1, 4);
            assertThat(profile.batch().skipped()).isEmpty();
        }
    }

    @Test
    void estimatesNodesByTheirWorkWhereTheEngineDoesNotTell() throws Exception {
        try (ClockedEngine engine = new ClockedEngine(run -> 1)) {
            ModelSummary model = summary(chain(), engine);
            DeviceProfile profile = profile(engine, model, SETTINGS);
            assertThat(profile.whole().medianMillis()).isEqualTo(6);
            assertThat(profile.nodes().measured()).isFalse();
            assertThat(profile.nodes().reason()).contains("engine clocked does not tell the times of operators");
            assertThat(profile.nodes().tracedShare()).isZero();
            double[] millis = profile.nodeMillis(model.model().graph());
            assertThat(millis[2])
                    .isEqualTo(6 * model.work().of(2) / model.work().total(), within(1e-9));
            SpotCheck check = profile.spotChecks().get(0);
            assertThat(check.headMillis() + check.tailMillis()).isEqualTo(6);
            assertThat(check.head())
                    .isEqualTo(MemoryEstimate.ofHead(
                            model.model().flow(),
                            model.model().facts(),
                            model.cuts().at(check.boundary())));
            assertThat(engine.openSessions()).isZero();
        }
    }

    @Test
    void timesBatchesOfRowsTakenInTurn() throws Exception {
        try (ClockedEngine engine = new ClockedEngine(run -> 1)) {
            ModelSummary model = summary(chain(), engine);
            DeviceProfile profile = profile(engine, model, SETTINGS.withBatchRows(List.of(1, 2, 8, 2)));
            assertThat(profile.batch().times())
                    .containsExactly(new BatchTime(1, 6), new BatchTime(2, 12), new BatchTime(8, 48));
        }
    }

    @Test
    void timesOneRowOfASampleOfSeveral() throws Exception {
        try (ClockedEngine engine = new ClockedEngine(run -> 1)) {
            DeviceProfile profile = new Profiler(
                            engine, SessionOptions.defaults(), SETTINGS, engine.clock(), Progress.NONE)
                    .profile(summary(chain(), engine), samples(3), MACHINE, "1");
            assertThat(profile.whole().medianMillis()).isEqualTo(6);
        }
    }

    @Test
    void saysWhyThereAreNoBatches() throws Exception {
        try (ClockedEngine engine = new ClockedEngine(run -> 1)) {
            DeviceProfile none = profile(engine, summary(chain(), engine), SETTINGS);
            assertThat(none.batch().skipped()).isEqualTo("no batch sizes were asked for");
            ModelBuilder mixing = new ModelBuilder()
                    .input("x", "N", 32)
                    .node("ReduceMean", "x", "m")
                    .with("axes", new long[] {0})
                    .node("Sub", "x m", "d")
                    .node("Sin", "d", "y")
                    .output("y");
            DeviceProfile profile = profile(engine, summary(mixing, engine), SETTINGS.withBatchRows(List.of(1, 2)));
            assertThat(profile.batch().times()).isEmpty();
            assertThat(profile.batch().skipped()).startsWith("the model has no batch dimension: ");
        }
    }

    @Test
    void measuresTwiceWhenTheMachineDriftsAndSaysSoIfItStillDoes() throws Exception {
        int[] wholeRuns = {0};
        try (ClockedEngine calm = new ClockedEngine(run -> 1);
                ClockedEngine slowing = new ClockedEngine(run -> 1 + run / 100.0)) {
            ModelSummary model = summary(chain(), calm);
            calm.runs().clear();
            assertThat(profile(calm, model, SETTINGS).drift()).isEmpty();
            int once = calm.runs().size();
            assertThat(profile(slowing, model, SETTINGS).drift())
                    .matches(
                            "the whole model took [\\d.]+ ms before the measurement and [\\d.]+ ms after it, measured twice");
            assertThat(slowing.runs().size()).isGreaterThan(3 * once / 2);
            wholeRuns[0] = once;
        }
        // Twice as fast from the last part of the first measurement on: the second one is calm.
        try (ClockedEngine recovering = new ClockedEngine(run -> run < wholeRuns[0] - 8 ? 2 : 1)) {
            ModelSummary model = summary(chain(), recovering);
            recovering.runs().clear();
            DeviceProfile profile = profile(recovering, model, SETTINGS);
            assertThat(profile.drift()).isEmpty();
            assertThat(profile.whole().medianMillis()).isEqualTo(6);
            assertThat(recovering.runs().size()).isGreaterThan(3 * wholeRuns[0] / 2);
        }
    }

    @Test
    void profilesAModelThatCannotBeCut() throws Exception {
        try (ClockedEngine engine = new ClockedEngine(run -> 1)) {
            ModelSummary model = summary(
                    new ModelBuilder().input("x", "N", 32).node("Sin", "x", "y").output("y"), engine);
            DeviceProfile profile = profile(engine, model, SETTINGS);
            assertThat(profile.spotChecks()).isEmpty();
            assertThat(profile.whole().medianMillis()).isEqualTo(1);
            assertThat(profile.nodes().costs()).containsExactly(new NodeCost(0, "y", "Sin", 1));
        }
    }

    @Test
    void isMappedToTheSameModelOnlyAndFindsItsCuts() throws Exception {
        try (ClockedEngine engine = new ClockedEngine(run -> 1)) {
            ModelSummary model = summary(chain(), engine);
            DeviceProfile profile = profile(engine, model, SETTINGS);
            Cut cut = model.cuts().at(profile.spotChecks().get(0).boundary());
            assertThat(profile.spotCheck(cut)).contains(profile.spotChecks().get(0));
            Files.createDirectory(folder.resolve("other"));
            OnnxModel other = chain().output("m2").read(folder.resolve("other"));
            ModelSummary otherModel = ModelSummary.of(other, engine, ProbeSettings.defaults());
            assertThatThrownBy(() -> profile.nodeMillis(otherModel.model().graph()))
                    .isInstanceOf(ProfileException.class)
                    .hasMessageContaining("profile of model.onnx was made of a model with SHA-256 "
                            + profile.model().sha256() + "; expected that of")
                    .hasMessageContaining(other.sha256());
        }
    }

    @Test
    void refusesCostsOfNodesThatTheModelDoesNotHave() throws Exception {
        try (ClockedEngine engine = new ClockedEngine(run -> 1)) {
            ModelSummary model = summary(chain(), engine);
            DeviceProfile profile = profile(engine, model, SETTINGS);
            assertThatThrownBy(() -> withCost(profile, new NodeCost(99, "y", "Sin", 1))
                            .nodeMillis(model.model().graph()))
                    .isInstanceOf(ProfileException.class)
                    .hasMessageContaining("node 99 is Sin with output \"y\"; expected a node of");
            assertThatThrownBy(() -> withCost(profile, new NodeCost(0, "m2", "MatMul", 1))
                            .nodeMillis(model.model().graph()))
                    .hasMessageContaining("node 0 is MatMul with output \"m2\"; expected a node of")
                    .hasMessageEndingWith("which has MatMul \"MatMul_m1\"");
        }
    }

    private static DeviceProfile withCost(DeviceProfile profile, NodeCost cost) {
        return new DeviceProfile(
                profile.toolVersion(),
                profile.machine(),
                profile.engine(),
                profile.model(),
                profile.whole(),
                new DeviceProfile.NodeTimes(true, "", 1, List.of(cost)),
                profile.spotChecks(),
                profile.batch(),
                profile.drift());
    }

    private ModelSummary summary(ModelBuilder builder, Engine engine) throws Exception {
        return ModelSummary.of(builder.read(folder), engine, ProbeSettings.defaults());
    }

    private static DeviceProfile profile(ClockedEngine engine, ModelSummary model, ProfileSettings settings)
            throws Exception {
        return new Profiler(engine, SessionOptions.defaults(), settings, engine.clock(), Progress.NONE)
                .profile(model, samples(1, 1, 1), MACHINE, "1");
    }
}
