package dev.cleave.partition.profile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleave.engine.Engine;
import dev.cleave.engine.Engines;
import dev.cleave.engine.SessionOptions;
import dev.cleave.partition.ModelBuilder;
import dev.cleave.partition.ModelSummary;
import dev.cleave.partition.cut.Cut;
import dev.cleave.partition.extract.CutGraphs;
import dev.cleave.partition.extract.SidedGraphs;
import dev.cleave.partition.graph.ModelException;
import dev.cleave.partition.progress.Progress;
import dev.cleave.partition.shape.ProbeSettings;
import dev.cleave.tensor.Shape;
import dev.cleave.tensor.Tensor;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The device runs another model than the gateway: three nodes for each two of the gateway's, tensors of the same names. */
class SidedCutTimerTest {
    private static final int LENGTH = 64;
    private static final Map<String, Tensor> INPUTS =
            Map.of("x", Tensor.ofFloats(Shape.of(1, LENGTH), new float[LENGTH]));
    private static final TimingLimits LIMITS = TimingLimits.defaults().withRuns(5, 5);

    @TempDir
    private Path folder;

    private SidedGraphs graphs;
    private List<Cut> cuts;

    @BeforeEach
    void makeModels() throws Exception {
        try (Engine engine = Engines.create("onnxruntime")) {
            ModelSummary gateway = ModelSummary.of(chain(false).read(folder), engine, ProbeSettings.defaults());
            ModelSummary device = ModelSummary.of(chain(true).read(folder), engine, ProbeSettings.defaults());
            UnaryOperator<Cut> same = cut -> at(device, cut.boundary());
            graphs = new SidedGraphs(graphs(device, "device.bin"), same, graphs(gateway, "gateway.bin"));
            cuts = List.of(at(gateway, List.of("s1")), at(gateway, List.of("s2")), at(gateway, List.of("s3")));
        }
    }

    private static ModelBuilder chain(boolean longer) {
        ModelBuilder model = new ModelBuilder().input("x", "N", LENGTH);
        String last = "x";
        for (int layer = 1; layer <= 4; layer++) {
            model.weights("w" + layer, LENGTH, LENGTH).node("MatMul", last + " w" + layer, "m" + layer);
            last = "m" + layer;
            if (longer) {
                model.node("Tanh", last, "t" + layer);
                last = "t" + layer;
            }
            model.node("Sigmoid", last, "s" + layer);
            last = "s" + layer;
        }
        return model.output(last);
    }

    private static Cut at(ModelSummary summary, List<String> tensors) {
        try {
            return summary.cuts().at(tensors);
        } catch (ModelException unknown) {
            throw new AssertionError(unknown);
        }
    }

    private CutGraphs graphs(ModelSummary summary, String weights) throws Exception {
        return new CutGraphs(summary.model().flow(), summary.model().facts(), folder.resolve(weights));
    }

    private CutTimes time(ClockedEngine engine, SidedGraphs sides, TimingLimits limits) throws Exception {
        CutTimes times = new CutTimer(engine, SessionOptions.defaults(), limits, engine.clock(), Progress.NONE)
                .time(sides, cuts, INPUTS);
        assertThat(engine.openSessions()).isZero();
        return times;
    }

    @Test
    void headsAreThoseOfTheDeviceAndTailsThoseOfTheGateway() throws Exception {
        try (ClockedEngine engine = new ClockedEngine(run -> 1)) {
            CutTimes times = time(engine, graphs, LIMITS);
            assertThat(times.wholeMillis()).isEqualTo(8);
            assertThat(times.deviceWholeMillis()).isEqualTo(12);
            assertThat(times.cuts()).extracting(CutTime::cut).isEqualTo(cuts);
            assertThat(times.cuts()).extracting(CutTime::headMillis).containsExactly(3.0, 6.0, 9.0);
            assertThat(times.cuts()).extracting(CutTime::tailMillis).containsExactly(6.0, 4.0, 2.0);
            assertThat(times.cuts())
                    .extracting(time -> time.gatewayHead().median())
                    .containsExactly(2.0, 4.0, 6.0);
            assertThat(times.of(cuts.subList(1, 2)).deviceWholeMillis()).isEqualTo(12);
        }
    }

    @Test
    void groupsThatAreTimedApartAreScaledToTheWholes() throws Exception {
        int calmRuns = 60;
        try (ClockedEngine engine = new ClockedEngine(run -> run < calmRuns ? 1 : 3)) {
            CutTimes times = time(engine, graphs, LIMITS.withSessionBytes(1));
            for (CutTime time : times.cuts()) {
                double pace = times.wholeMillis() / 8;
                double layers = time.cut().size() / 2.0;
                assertThat(time.gatewayHead().median() / pace).isEqualTo(2 * layers);
                assertThat(time.tailMillis() / pace).isEqualTo(8 - 2 * layers);
                assertThat(time.headMillis() / pace).isEqualTo(3 * layers);
            }
        }
    }

    @Test
    void theDevicesSessionsCountWhereMemoryIsShort() throws Exception {
        long gateway = MemoryEstimate.ofWhole(
                        graphs.gateway().flow(), graphs.gateway().facts())
                .totalBytes();
        long device = MemoryEstimate.ofWhole(
                        graphs.device().flow(), graphs.device().facts())
                .totalBytes();
        try (ClockedEngine engine = new ClockedEngine(run -> 1)) {
            time(engine, graphs, LIMITS.withSessionBytes(1));
            assertThat(engine.mostOpenSessions())
                    .as("both wholes, and both heads and the tail of one cut")
                    .isEqualTo(5);
        }
        try (ClockedEngine engine = new ClockedEngine(run -> 1)) {
            time(engine, graphs, LIMITS.withSessionBytes(3 * gateway));
            assertThat(engine.mostOpenSessions())
                    .as("what would hold two cuts of one model")
                    .isEqualTo(5);
        }
        try (ClockedEngine engine = new ClockedEngine(run -> 1)) {
            time(engine, graphs, LIMITS.withSessionBytes(3 * (gateway + device)));
            assertThat(engine.mostOpenSessions()).as("two cuts").isEqualTo(8);
        }
    }

    @Test
    void whatIsAlikeIsTimedOnce() throws Exception {
        try (ClockedEngine engine = new ClockedEngine(run -> 1)) {
            CutTimes times = time(engine, SidedGraphs.alike(graphs.gateway()), LIMITS);
            assertThat(engine.mostOpenSessions()).isEqualTo(1 + 2 * cuts.size());
            assertThat(times.deviceWhole()).isSameAs(times.whole());
            assertThat(times.cuts())
                    .allSatisfy(time -> assertThat(time.gatewayHead()).isSameAs(time.head()));
        }
    }
}
