package dev.cleave.partition.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.cleave.partition.ModelBuilder;
import dev.cleave.partition.ModelSummary;
import dev.cleave.partition.Splits;
import dev.cleave.partition.graph.ModelException;
import dev.cleave.partition.profile.DeviceProfile;
import dev.cleave.partition.profile.DeviceProfile.BatchCurve;
import dev.cleave.partition.profile.DeviceProfile.BatchTime;
import dev.cleave.partition.profile.DeviceProfileJson;
import dev.cleave.partition.profile.ProfileException;
import dev.cleave.partition.sample.Samples;
import dev.cleave.picture.Preprocessing;
import dev.cleave.tensor.ElementType;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** On the real engine. Links and slowdowns are so extreme that no noise in the times can change who wins. */
class SplitPlannerTest {
    private static final LinkProfile FAST = new LinkProfile(10e9, 10e9, 0);
    private static final LinkProfile SLOW = new LinkProfile(16e3, 16e3, 0);
    private static final LinkProfile FAR = new LinkProfile(1e6, 1e6, 60_000);
    private static final Constraints NONE = Constraints.defaults();

    @TempDir
    Path folder;

    private PlannerRuns runs;

    @BeforeEach
    void open() {
        runs = new PlannerRuns(folder);
    }

    @AfterEach
    void close() {
        runs.close();
    }

    /** 16 KiB come in, 16 numbers are left after the first layer, and most of the work comes after that. */
    private static ModelBuilder narrowMiddle() {
        return new ModelBuilder()
                .input("x", "N", 4096)
                .weights("w1", 4096, 16)
                .weights("w2", 16, 2048)
                .weights("w3", 2048, 2048)
                .weights("w4", 2048, 4)
                .node("MatMul", "x w1", "m1")
                .node("Sigmoid", "m1", "narrow")
                .node("MatMul", "narrow w2", "m2")
                .node("Sigmoid", "m2", "h2")
                .node("MatMul", "h2 w3", "m3")
                .node("Sigmoid", "m3", "h3")
                .node("MatMul", "h3 w4", "y")
                .output("y");
    }

    /** 64 numbers come in, and everything after them is wide. */
    private static ModelBuilder wide() {
        return new ModelBuilder()
                .input("x", "N", 64)
                .weights("w1", 64, 2048)
                .weights("w2", 2048, 1024)
                .weights("w3", 1024, 4)
                .node("MatMul", "x w1", "m1")
                .node("Sigmoid", "m1", "h1")
                .node("MatMul", "h1 w2", "m2")
                .node("Sigmoid", "m2", "h2")
                .node("MatMul", "h2 w3", "y")
                .output("y");
    }

    private static ModelBuilder small() {
        return new ModelBuilder()
                .input("x", "N", 8)
                .weights("w1", 8, 6)
                .weights("w2", 6, 4)
                .node("MatMul", "x w1", "m1")
                .node("Sigmoid", "m1", "h1")
                .node("MatMul", "h1 w2", "y")
                .output("y");
    }

    @Test
    void aFastDeviceOnAFarLinkWorksAlone() throws Exception {
        SplitPlan plan = runs.plan(runs.summary(narrowMiddle()), FAR, NONE);
        assertThat(plan.best().cost().kind()).isEqualTo(CandidateKind.LOCAL);
        assertThat(plan.reason())
                .startsWith("The device alone is fastest: ")
                .contains("nothing crosses the link (a round trip on it takes 60.0 s)", "The cut after ");
    }

    @Test
    void aHopelessDeviceOnAFastLinkSendsItsInputs() throws Exception {
        SplitPlan plan = runs.edgeSlowdown(1e5).plan(runs.summary(wide()), FAST, NONE);
        assertThat(plan.best().cost().kind())
                .as(plan.reason())
                .isIn(CandidateKind.CLOUD_RAW, CandidateKind.CLOUD_COMPRESSED);
        assertThat(plan.edgeSlowdown()).isEqualTo(1e5);
        assertThat(plan.reason()).startsWith("The gateway alone, fed with ").contains("The device alone would take ");
    }

    @Test
    void aSlowDeviceOnASlowLinkIsSplitWhereItIsNarrow() throws Exception {
        SplitPlan plan = runs.edgeSlowdown(1000).plan(runs.summary(narrowMiddle()), SLOW, NONE);
        CandidateCost best = plan.best().cost();
        assertThat(best.kind()).as(plan.reason()).isEqualTo(CandidateKind.SPLIT);
        assertThat(best.wireBytes()).isLessThan(100);
        assertThat(best.measured()).isTrue();
        assertThat(best.tensors()).containsAnyOf("narrow", "m1");
        assertThat(plan.reason()).startsWith("The cut after " + best.tensors().get(0) + " is fastest: ");
        assertThat(plan.ladder()).contains(plan.chosen());
    }

    @Test
    void thePrivacyFloorDecides() throws Exception {
        ModelSummary summary = runs.summary(wide());
        Constraints floor =
                new Constraints(0.02, Constraints.UNLIMITED, summary.cuts().at(List.of("h1")));
        SplitPlan plan = runs.edgeSlowdown(1e5).plan(summary, FAST, floor);
        assertThat(plan.best().cost().kind()).isIn(CandidateKind.SPLIT, CandidateKind.LOCAL);
        assertThat(plan.reason())
                .contains("The gateway alone, fed with ", " would be better ", " but is refused: it is before \"h1\"");
        assertThat(plan.candidates())
                .filteredOn(candidate ->
                        candidate.refused() == null && candidate.cost().kind() == CandidateKind.SPLIT)
                .isNotEmpty()
                .allMatch(candidate -> floor.floor().isWithin(candidate.cost().cut()));
    }

    @Test
    void theDevicesMemoryDecides() throws Exception {
        SplitPlan plan = runs.plan(runs.summary(narrowMiddle()), FAR, new Constraints(0.02, 1_000_000, null));
        assertThat(plan.best().cost().kind()).isNotEqualTo(CandidateKind.LOCAL);
        assertThat(plan.best().cost().headMemoryBytes()).isLessThanOrEqualTo(1_000_000);
        assertThat(plan.reason())
                .containsPattern("The device alone would be better \\(.*\\) but is refused: the device would need"
                        + " 1[78]\\.\\d MB and has 1\\.0 MB\\.");
    }

    @Test
    void aTableAnswersForOtherLinksThanItWasMadeFor() throws Exception {
        CostTable table = runs.edgeSlowdown(1000).table(runs.summary(narrowMiddle()), SLOW, NONE);
        SplitPlan far = Decision.of(table, FAR, Objective.LATENCY, NONE, 4, () -> 0);
        assertThat(far.best().cost().kind()).isEqualTo(CandidateKind.LOCAL);
        SplitPlan slow = Decision.of(table, SLOW, Objective.LATENCY, NONE, 4, () -> 0);
        assertThat(slow.best().cost().kind()).isEqualTo(CandidateKind.SPLIT);
        assertThat(table.searchMillis()).isPositive();
        assertThat(table.layers()).extracting(SplitPlan.Layer::label).hasSizeGreaterThan(3);
    }

    @Test
    void profilesOfOtherMachinesArriveAsFiles() throws Exception {
        ModelSummary summary = runs.summary(narrowMiddle());
        DeviceProfile here = PlannerRuns.byWork(summary, 1);
        Path file = Files.write(folder.resolve("device.json"), DeviceProfileJson.write(MadeUpProfile.scaled(here, 50)));
        SplitPlan plan = runs.edge(DeviceProfileJson.read(file)).cloud(here).plan(summary, SLOW, NONE);
        CandidateCost local = row(plan, CandidateKind.LOCAL);
        CandidateCost raw = row(plan, CandidateKind.CLOUD_RAW);
        assertThat(local.headMillis()).isEqualTo(50 * here.whole().medianMillis(), within(1e-6));
        assertThat(raw.tailMillis()).isEqualTo(here.whole().medianMillis(), within(1e-6));
        assertThat(plan.edge()).isEqualTo("pi, a slow core, 4 cores, onnxruntime 1 on cpu, 1 thread");
        assertThat(plan.best().cost().kind()).isEqualTo(CandidateKind.SPLIT);
        assertThat(plan.best().cost().measured()).as("only summed up").isFalse();
        assertThat(plan.best().cost().isSurveyed()).isTrue();
    }

    @Test
    void aBatchTakesLongerAndItsRowsShareIt() throws Exception {
        ModelSummary summary = runs.summary(small());
        DeviceProfile single = PlannerRuns.byWork(summary, 1000);
        DeviceProfile batched = MadeUpProfile.of(
                single.model().file(),
                single.model().sha256(),
                single.whole().medianMillis(),
                single.nodes().costs(),
                List.of(),
                new BatchCurve(List.of(new BatchTime(1, 10), new BatchTime(4, 15)), ""));
        CandidateCost raw =
                row(runs.edge(single).cloud(batched).batch(4).plan(summary, FAST, NONE), CandidateKind.CLOUD_RAW);
        assertThat(raw.tailMillis()).isEqualTo(1.5 * single.whole().medianMillis(), within(1e-9));
        assertThat(raw.batch()).isEqualTo(4);
        assertThat(raw.gatewayMillis()).isEqualTo(raw.decodeMillis() + raw.tailMillis() / 4, within(1e-12));
        PlannerRuns without = new PlannerRuns(folder).cloud(single).batch(4);
        assertThatThrownBy(() -> without.table(summary, FAST, NONE))
                .isInstanceOf(ProfileException.class)
                .hasMessageContaining("has the batches none (made up); expected 1 and 4");
        without.close();
    }

    @Test
    void aBatchIsMeasuredHereIfThereIsNoProfile() throws Exception {
        SplitPlan plan = runs.batch(2).plan(runs.summary(small()), FAST, NONE);
        assertThat(row(plan, CandidateKind.CLOUD_RAW).batch()).isEqualTo(2);
        ModelBuilder fixed = new ModelBuilder()
                .input("x", 1, 8)
                .weights("w", 8, 4)
                .node("Sigmoid", "x", "h")
                .node("MatMul", "h w", "y")
                .output("y");
        assertThat(runs.batch(1).plan(runs.summary(fixed), FAST, NONE).chosen()).isZero();
    }

    @Test
    void aProfileOfAnotherModelIsRefused() throws Exception {
        DeviceProfile other = PlannerRuns.byWork(runs.summary(wide()), 1);
        ModelSummary summary = runs.summary(small());
        assertThatThrownBy(() -> runs.edge(other).table(summary, FAST, NONE))
                .isInstanceOf(ProfileException.class)
                .hasMessageContaining("expected that of " + folder.resolve("model.onnx") + ", "
                        + summary.model().graph().model().sha256());
        assertThatThrownBy(() -> runs.edge(null).cloud(other).table(summary, FAST, NONE))
                .isInstanceOf(ProfileException.class);
    }

    @Test
    void preprocessingThatFitsNoInputIsRefused() throws Exception {
        ModelSummary summary = runs.summary(small());
        assertThatThrownBy(() ->
                        runs.preprocessing(Preprocessing.named("imagenet")).table(summary, FAST, NONE))
                .isInstanceOf(ModelException.class)
                .hasMessageContaining("preprocessing");
    }

    @Test
    void withSamplesTheCodecReachesWhatIsWantedNotJustWhatIsAllowed() throws Exception {
        Samples samples = Splits.vectors(32, 8);
        CostTable table =
                runs.samples(samples, 1).table(runs.summary(small()), FAST, new Constraints(1, Long.MAX_VALUE, null));
        assertThat(table.calibrated()).containsKey(List.of("h1"));
        assertThat(table.rows())
                .filteredOn(row -> row.kind() == CandidateKind.SPLIT && row.isSurveyed())
                .isNotEmpty()
                .allSatisfy(row -> {
                    assertThat(row.agreement()).isEqualTo(1);
                    assertThat(row.leakage()).isBetween(0.0, 1.0);
                });
    }

    @Test
    void withoutSamplesAgreementAndLeakageAreNotKnown() throws Exception {
        CostTable table = runs.table(runs.summary(small()), FAST, NONE);
        assertThat(table.calibrated()).isEmpty();
        assertThat(table.rows())
                .filteredOn(row -> row.kind() == CandidateKind.SPLIT)
                .isNotEmpty()
                .allSatisfy(row -> {
                    assertThat(row.agreement()).isNaN();
                    assertThat(row.leakage()).isNaN();
                });
    }

    @Test
    void severalInputsAndOutputsCrossWhereTheyAreNeeded() throws Exception {
        ModelBuilder model = new ModelBuilder()
                .input("x", "N", 8)
                .input("late", "N", 4)
                .weights("w1", 8, 6)
                .weights("w2", 6, 4)
                .node("MatMul", "x w1", "m1")
                .node("Sigmoid", "m1", "early")
                .node("MatMul", "early w2", "m2")
                .node("Add", "m2 late", "y")
                .output("early", "y");
        SplitPlan plan = runs.edgeSlowdown(2).plan(runs.summary(model), FAST, NONE);
        assertThat(row(plan, CandidateKind.CLOUD_RAW).tensors()).containsExactly("x", "late");
        assertThat(row(plan, CandidateKind.CLOUD_RAW).replyBytes()).isGreaterThanOrEqualTo(4 * (6 + 4));
        CandidateCost split = plan.candidates().stream()
                .map(SplitPlan.Candidate::cost)
                .filter(cost -> cost.tensors().contains("early"))
                .findFirst()
                .orElseThrow();
        assertThat(split.tensors()).containsExactly("late", "early");
        assertThat(split.replyBytes()).as("y alone").isLessThan(4 * 6 + 4 * 4);
    }

    @Test
    void integersAndHalvesArePlannedToo() throws Exception {
        ModelBuilder integers = new ModelBuilder()
                .input("x", ElementType.INT32, "N", 8)
                .node("Cast", "x", "f")
                .with("to", 1)
                .weights("w", 8, 4)
                .node("MatMul", "f w", "m")
                .node("Sigmoid", "m", "h")
                .node("Neg", "h", "y")
                .output("y");
        assertThat(runs.plan(runs.summary(integers), FAST, NONE).chosen()).isZero();
        ModelBuilder halves = new ModelBuilder()
                .input("x", ElementType.FLOAT16, "N", 8)
                .node("Sigmoid", "x", "a")
                .node("Tanh", "a", "b")
                .node("Sigmoid", "b", "y")
                .output("y");
        SplitPlan plan = runs.plan(runs.summary(halves), SLOW, NONE);
        assertThat(plan.chosen()).isZero();
        assertThat(row(plan, CandidateKind.CLOUD_RAW).wireBytes()).isLessThan(8 * 4);
    }

    private static CandidateCost row(SplitPlan plan, CandidateKind kind) {
        return plan.candidates().stream()
                .map(SplitPlan.Candidate::cost)
                .filter(cost -> cost.kind() == kind)
                .findFirst()
                .orElseThrow();
    }
}
