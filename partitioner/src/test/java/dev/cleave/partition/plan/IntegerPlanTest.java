package dev.cleave.partition.plan;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleave.answer.Agreement;
import dev.cleave.engine.SessionOptions;
import dev.cleave.onnx.GraphProto;
import dev.cleave.partition.ModelBuilder;
import dev.cleave.partition.ModelSummary;
import dev.cleave.partition.edge.EdgeChoice;
import dev.cleave.partition.edge.EdgeChooser;
import dev.cleave.partition.edge.EdgeMode;
import dev.cleave.partition.edge.EdgeModel;
import dev.cleave.partition.extract.CutGraphs;
import dev.cleave.partition.profile.ClockedEngine;
import dev.cleave.partition.profile.MemoryEstimate;
import dev.cleave.partition.profile.TimingLimits;
import dev.cleave.partition.progress.Progress;
import dev.cleave.partition.quantize.Networks;
import dev.cleave.partition.sample.Samples;
import dev.cleave.partition.shape.ProbeSettings;
import dev.cleave.partition.shape.ProbedModel;
import dev.cleave.tensor.Tensor;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Plans for devices that run integers: any graph of these takes 2 ms, any float graph 10 ms. */
class IntegerPlanTest {
    private static final double INTEGER_MILLIS = 2;
    private static final double FLOAT_MILLIS = 10;
    private static final LinkProfile LINK = new LinkProfile(1e6, 1e6, 10);
    private static final TimingLimits LIMITS = TimingLimits.defaults().withRuns(3, 3);
    private static final Samples PICTURES = Networks.pictures(24);

    @TempDir
    private Path folder;

    private ClockedEngine engine;

    @BeforeEach
    void open() throws Exception {
        engine = ClockedEngine.costing(graph -> isInteger(graph) ? INTEGER_MILLIS : FLOAT_MILLIS);
    }

    @AfterEach
    void close() {
        assertThat(engine.openSessions()).isZero();
        engine.close();
    }

    private static boolean isInteger(GraphProto graph) {
        return graph.getNodeList().stream().anyMatch(node -> node.getOpType().endsWith("tizeLinear"));
    }

    private ModelSummary summary(ModelBuilder model) throws Exception {
        return ModelSummary.of(model.read(folder), engine, ProbeSettings.defaults());
    }

    private EdgeChoice integers(ModelSummary summary) throws Exception {
        return new EdgeChooser(engine, SessionOptions.defaults(), LIMITS, engine.clock(), Progress.NONE)
                .choose(summary, EdgeMode.ALWAYS, PICTURES, 1, ProbeSettings.defaults());
    }

    private CostTable table(ModelSummary summary, EdgeChoice choice) throws Exception {
        return new SplitPlanner(engine, SessionOptions.defaults(), "test", Progress.NONE, engine.clock())
                .measure(PlanRequest.of(summary, LINK)
                        .withEdgeChoice(choice)
                        .withSamples(PICTURES, 0.5)
                        .withMostMeasured(3)
                        .withLimits(LIMITS));
    }

    private static CandidateCost row(CostTable table, CandidateKind kind) {
        return table.rows().stream()
                .filter(row -> row.kind() == kind)
                .findFirst()
                .orElseThrow();
    }

    @Test
    void headsTakeAsLongAsTheDevicesGraphsAndTailsAsTheGateways() throws Exception {
        ModelSummary summary = summary(Networks.residual());
        CostTable table = table(summary, integers(summary));
        assertThat(row(table, CandidateKind.LOCAL).headMillis()).isEqualTo(INTEGER_MILLIS);
        assertThat(row(table, CandidateKind.CLOUD_RAW).tailMillis()).isEqualTo(FLOAT_MILLIS);
        assertThat(table.rows())
                .filteredOn(row -> row.cut() != null && row.measured())
                .isNotEmpty()
                .allSatisfy(row -> {
                    assertThat(row.headMillis()).isEqualTo(INTEGER_MILLIS);
                    assertThat(row.tailMillis()).isEqualTo(FLOAT_MILLIS);
                });
        CostTable floats = table(summary, EdgeChoice.FLOAT);
        assertThat(row(floats, CandidateKind.LOCAL).headMillis()).isEqualTo(FLOAT_MILLIS);
    }

    @Test
    void theDevicesOwnAnswersAreComparedWithTheFloatModels() throws Exception {
        ModelSummary summary = summary(Networks.residual());
        EdgeChoice choice = integers(summary);
        assertThat(row(table(summary, choice), CandidateKind.LOCAL).agreement()).isEqualTo(agreement(choice.model()));
        assertThat(row(table(summary, EdgeChoice.FLOAT), CandidateKind.LOCAL).agreement())
                .isEqualTo(1);
    }

    /** Of the two models, run here in one piece each. */
    private double agreement(EdgeModel edge) throws Exception {
        ProbedModel floats = edge.floats();
        Agreement metric = Agreement.forOutputs(floats.outputs());
        int agreeing = 0;
        for (int i = 0; i < PICTURES.size(); i++) {
            Map<String, Tensor> inputs = PICTURES.get(i).inputs();
            agreeing +=
                    metric.agrees(floats.outputs(), run(edge.summary().model(), inputs), run(floats, inputs)) ? 1 : 0;
        }
        return agreeing / (double) PICTURES.size();
    }

    private Map<String, Tensor> run(ProbedModel model, Map<String, Tensor> inputs) throws Exception {
        CutGraphs graphs = new CutGraphs(model.flow(), model.facts(), folder.resolve("whole.bin"));
        try (var session = engine.load(graphs.source(graphs.whole()), SessionOptions.defaults())) {
            return session.run(inputs);
        }
    }

    @Test
    void memoryIsThatOfTheIntegerGraphs() throws Exception {
        ModelSummary summary = summary(Networks.residual());
        EdgeChoice choice = integers(summary);
        ProbedModel integers = choice.model().summary().model();
        CostTable table = table(summary, choice);
        long whole = MemoryEstimate.ofWhole(integers.flow(), integers.facts()).totalBytes();
        assertThat(row(table, CandidateKind.LOCAL).headMemoryBytes())
                .isEqualTo(whole)
                .isLessThan(MemoryEstimate.ofWhole(
                                summary.model().flow(), summary.model().facts())
                        .totalBytes());
        for (CandidateCost row : table.rows()) {
            if (row.cut() != null) {
                MemoryEstimate head = MemoryEstimate.ofHead(
                        integers.flow(), integers.facts(), choice.model().at(row.cut()));
                assertThat(row.headMemoryBytes()).as("%s", row.tensors()).isEqualTo(head.totalBytes());
            }
        }
    }

    /** The output t is float in the integer model, and what reads it reads integers of another name. */
    @Test
    void cutsThatTheDeviceLacksAreNoCandidates() throws Exception {
        ModelBuilder model = new ModelBuilder().input("x", "N", 3, Networks.SIDE, Networks.SIDE);
        Networks.convolve(model, "x", "c1", 3, Networks.CHANNELS, 1);
        model.node("Relu", "c1", "r1");
        Networks.convolve(model, "r1", "t", Networks.CHANNELS, 2, 1);
        Networks.convolve(model, "t", "y", 2, Networks.CHANNELS, 1);
        ModelSummary summary = summary(model.output("t", "y"));
        EdgeChoice choice = integers(summary);
        assertThat(cuts(table(summary, EdgeChoice.FLOAT))).contains(List.of("t"));
        assertThat(cuts(table(summary, choice))).isNotEmpty().doesNotContain(List.of("t"));
    }

    private static List<List<String>> cuts(CostTable table) {
        return table.rows().stream()
                .filter(row -> row.cut() != null)
                .map(CandidateCost::tensors)
                .toList();
    }
}
