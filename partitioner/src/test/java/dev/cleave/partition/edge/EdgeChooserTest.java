package dev.cleave.partition.edge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cleave.engine.Engine;
import dev.cleave.engine.EngineException;
import dev.cleave.engine.GraphSource;
import dev.cleave.engine.Session;
import dev.cleave.engine.SessionOptions;
import dev.cleave.onnx.GraphProto;
import dev.cleave.onnx.TensorProto;
import dev.cleave.partition.ModelBuilder;
import dev.cleave.partition.ModelSummary;
import dev.cleave.partition.Splits;
import dev.cleave.partition.calibrate.Shares;
import dev.cleave.partition.graph.ModelException;
import dev.cleave.partition.profile.ClockedEngine;
import dev.cleave.partition.profile.TimingLimits;
import dev.cleave.partition.progress.Progress;
import dev.cleave.partition.quantize.Networks;
import dev.cleave.partition.quantize.QuantizeSettings;
import dev.cleave.partition.quantize.Quantizer;
import dev.cleave.partition.sample.Sample;
import dev.cleave.partition.sample.SampleException;
import dev.cleave.partition.sample.Samples;
import dev.cleave.partition.shape.ProbeSettings;
import dev.cleave.tensor.ElementType;
import dev.cleave.tensor.Shape;
import dev.cleave.tensor.Tensor;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What devices are to run; a float graph takes 4 ms here, and one in integers as long as the test says. */
class EdgeChooserTest {
    private static final double LAX = 1;
    private static final Samples PICTURES = Networks.pictures(12);

    @TempDir
    private Path folder;

    private double integerMillis = 3;
    private ClockedEngine engine;

    @BeforeEach
    void open() throws Exception {
        engine = ClockedEngine.costing(graph -> isInteger(graph) ? integerMillis : 4);
    }

    @AfterEach
    void close() {
        assertThat(engine.openSessions()).isZero();
        engine.close();
    }

    private static boolean isInteger(GraphProto graph) {
        return graph.getNodeList().stream().anyMatch(node -> node.getOpType().equals("DequantizeLinear"));
    }

    private ModelSummary summary(ModelBuilder model) throws Exception {
        return ModelSummary.of(model.read(folder), engine, ProbeSettings.defaults());
    }

    private EdgeChoice choose(ModelBuilder model, EdgeMode mode, Samples samples, double maxDisagreement)
            throws Exception {
        return chooser(engine).choose(summary(model), mode, samples, maxDisagreement, ProbeSettings.defaults());
    }

    private EdgeChooser chooser(Engine engine) {
        TimingLimits limits = TimingLimits.defaults().withRuns(3, 3);
        return new EdgeChooser(
                engine, SessionOptions.defaults().withThreads(1), limits, this.engine.clock(), Progress.NONE);
    }

    @Test
    void neverMeansFloatAndNothingIsTried() throws Exception {
        ModelSummary summary = summary(Networks.residual());
        int before = engine.runs().size();
        assertThat(chooser(engine).choose(summary, EdgeMode.NEVER, PICTURES, LAX, ProbeSettings.defaults()))
                .isEqualTo(EdgeChoice.FLOAT);
        assertThat(engine.runs()).hasSize(before);
        assertThat(EdgeChoice.FLOAT.summary()).isEmpty();
        assertThat(EdgeChoice.FLOAT.offered(summary)).isSameAs(summary);
    }

    @Test
    void withoutSamplesDevicesRunFloatsUnlessIntegersAreAskedFor() throws Exception {
        assertThat(choose(Networks.residual(), EdgeMode.AUTO, null, LAX)).isEqualTo(EdgeChoice.FLOAT);
        assertThatThrownBy(() -> choose(Networks.residual(), EdgeMode.ALWAYS, null, LAX))
                .isInstanceOf(ModelException.class)
                .hasMessageContaining("model.onnx in INT8: ranges are found from sample inputs, and there are none");
    }

    @Test
    void fasterIntegersAreTaken() throws Exception {
        for (EdgeMode mode : List.of(EdgeMode.AUTO, EdgeMode.ALWAYS)) {
            EdgeChoice choice = choose(Networks.residual(), mode, PICTURES, LAX);
            assertThat(choice.model()).isNotNull();
            assertThat(choice.reason()).isEmpty();
            assertThat(choice.pace()).isEqualTo(0.75);
            assertThat(choice.summary())
                    .startsWith("heads in INT8: weights 0.")
                    .contains("whole 3.00 ms against 4.00 ms in float (0.75x); ", " nodes in integers, 0 in float")
                    .doesNotContain("SLOWER", "\n");
        }
    }

    @Test
    void inputsThatReportAreNotLookedAt() throws Exception {
        Samples careful = new Samples() {
            @Override
            public int size() {
                return PICTURES.size();
            }

            @Override
            public Sample get(int index) throws SampleException {
                assertThat(index).as("of 12 inputs those that report").isNotIn(3, 6, 9);
                return PICTURES.get(index);
            }
        };
        EdgeChoice choice = choose(Networks.residual(), EdgeMode.AUTO, careful, LAX);
        assertThat(choice.model().report().calibrated()).isEqualTo(5);
        assertThat(choice.model().report().quality().inputs()).isEqualTo(4);
    }

    @Test
    void slowerIntegersAreLeftAndBothTimesTold() throws Exception {
        integerMillis = 4.5;
        EdgeChoice choice = choose(Networks.residual(), EdgeMode.AUTO, PICTURES, LAX);
        assertThat(choice.model()).isNull();
        assertThat(choice.reason()).isEqualTo("in INT8 the whole takes 4.50 ms here, and 4.00 ms in float");
        assertThat(choice.integerMillis()).isEqualTo(4.5);
        assertThat(choice.floatMillis()).isEqualTo(4);
        assertThat(choice.pace()).as("of what devices run").isEqualTo(1);
        assertThat(choice.summary()).isEqualTo("heads in float: " + choice.reason());
    }

    @Test
    void slowerIntegersThatAreAskedForAreTakenAndCalledSlower() throws Exception {
        integerMillis = 6;
        EdgeChoice choice = choose(Networks.residual(), EdgeMode.ALWAYS, PICTURES, LAX);
        assertThat(choice.model()).isNotNull();
        assertThat(choice.pace()).isEqualTo(1.5);
        assertThat(choice.summary()).contains("(1.50x, SLOWER)");
    }

    @Test
    void aModelThatIsQuantisedAlreadyIsLeftAsItIs() throws Exception {
        assertNoIntegers(quantised(), PICTURES, LAX, "it is quantised already: it has QuantizeLinear");
    }

    private static ModelBuilder quantised() {
        return new ModelBuilder()
                .input("x", "N", 3, Networks.SIDE, Networks.SIDE)
                .scalar("scale", 0.1f)
                .bytes("zero", ElementType.UINT8, new long[0], (byte) 128)
                .weights("w", Networks.CHANNELS, 3, 1, 1)
                .node("QuantizeLinear", "x scale zero", "q")
                .node("DequantizeLinear", "q scale zero", "d")
                .node("Conv", "d w", "y")
                .output("y");
    }

    /** The first number is so large that a step of the integers swallows the others, which decide between the classes. */
    @Test
    void aBudgetThatLeavesNothingInIntegersIsSaid() throws Exception {
        assertNoIntegers(
                twoClasses(),
                closeClasses(24, 0.06f),
                0,
                "the accuracy budget leaves no convolution or matrix product in integers: in INT8 the whole agrees on 5 of 9 inputs");
    }

    /** Reshaping moves bytes as well as floats, and alone is no reason to quantise them. */
    @Test
    void movesAloneAreNoIntegers() throws Exception {
        ModelBuilder model = new ModelBuilder()
                .input("x", "N", 2)
                .longs("wide", 0, 1, 2)
                .node("Reshape", "x wide", "r")
                .node("Flatten", "r", "f")
                .initializer(difference())
                .node("MatMul", "f w", "y")
                .output("y");
        assertNoIntegers(model, closeClasses(24, 0.06f), 0, "no convolution or matrix product in integers");
    }

    private static ModelBuilder twoClasses() {
        return new ModelBuilder()
                .input("x", "N", 2)
                .initializer(difference())
                .node("MatMul", "x w", "y")
                .output("y");
    }

    private static TensorProto difference() {
        return TensorProto.newBuilder()
                .setName("w")
                .setDataType(TensorProto.DataType.FLOAT_VALUE)
                .addAllDims(List.of(2L, 2L))
                .addAllFloatData(List.of(1f, 1f, 1f, -1f))
                .build();
    }

    private static Samples closeClasses(int count, float unit) {
        return Splits.samples(
                count,
                random -> Tensor.ofFloats(
                        Shape.of(1, 2), new float[] {random.nextInt(1000), random.nextInt(-10, 10) * unit}));
    }

    /** An engine that has no kernels for integers: in the chooser's own sessions, which have one thread, or in any. */
    private static Engine without(Predicate<SessionOptions> integers, Engine engine) {
        return new Engine() {
            @Override
            public String name() {
                return engine.name();
            }

            @Override
            public String version() {
                return engine.version();
            }

            @Override
            public Session load(GraphSource graph, SessionOptions options) throws EngineException {
                if (integers.test(options)
                        && isInteger(ClockedEngine.parse(graph).getGraph())) {
                    throw new EngineException("no kernel for\n  QLinearConv");
                }
                return engine.load(graph, options);
            }

            @Override
            public void close() {}
        };
    }

    @Test
    void anEngineThatFailsOnIntegersRunsFloatsOrIsNamed() throws Exception {
        Predicate<SessionOptions> always = options -> true;
        Predicate<SessionOptions> timing = options -> options.threads() == 1;
        ModelSummary summary = summary(Networks.residual());
        for (Predicate<SessionOptions> when : List.of(always, timing)) {
            EdgeChooser chooser = chooser(without(when, engine));
            EdgeChoice choice = chooser.choose(summary, EdgeMode.AUTO, PICTURES, LAX, ProbeSettings.defaults());
            assertThat(choice.model()).isNull();
            assertThat(choice.reason()).contains("no kernel for").doesNotContain("\n");
            assertThatThrownBy(() -> chooser.choose(summary, EdgeMode.ALWAYS, PICTURES, LAX, ProbeSettings.defaults()))
                    .isInstanceOf(ModelException.class)
                    .hasMessageContaining("model.onnx in INT8: " + choice.reason());
        }
    }

    /** Half of the budget is left to the coding of boundaries. */
    @Test
    void integersMayUseHalfOfTheBudget() throws Exception {
        ModelBuilder model = twoClasses();
        Samples samples = closeClasses(200, 0.5f);
        double least = new Quantizer(engine, QuantizeSettings.defaults().withMaxDisagreement(1))
                        .quantize(summary(model).model(), Shares.unreported(samples), Progress.NONE)
                        .report()
                        .methods()
                        .values()
                        .stream()
                        .mapToDouble(quality -> 1 - quality.agreement())
                        .min()
                        .orElseThrow();
        assertThat(least).isBetween(0.01, 0.4);
        assertThat(choose(model, EdgeMode.AUTO, samples, 1.9 * least).reason()).contains("accuracy budget");
        assertThat(choose(model, EdgeMode.AUTO, samples, 2 * least).reason()).doesNotContain("accuracy budget");
    }

    @Test
    void aModelWithoutACutInIntegersIsLeftAsItIs() throws Exception {
        ModelBuilder model = new ModelBuilder().input("x", "N", 3, Networks.SIDE, Networks.SIDE);
        Networks.convolve(model, "x", "t", 3, Networks.CHANNELS, 1);
        Networks.convolve(model, "t", "y", Networks.CHANNELS, Networks.CHANNELS, 1);
        assertNoIntegers(model.output("t", "y"), PICTURES, LAX, "no cut of the float model is one in integers");
    }

    private void assertNoIntegers(ModelBuilder model, Samples samples, double maxDisagreement, String reason)
            throws Exception {
        EdgeChoice choice = choose(model, EdgeMode.AUTO, samples, maxDisagreement);
        assertThat(choice.model()).isNull();
        assertThat(choice.reason()).contains(reason);
        assertThat(choice.summary()).isEqualTo("heads in float: " + choice.reason());
        assertThatThrownBy(() -> choose(model, EdgeMode.ALWAYS, samples, maxDisagreement))
                .isInstanceOf(ModelException.class)
                .hasMessageContaining("model.onnx in INT8: ")
                .hasMessageContaining(reason);
    }

    @Test
    void aLadderThatIntegersDoNotHaveIsServedInFloat() throws Exception {
        ModelSummary summary = summary(outputHalfWay());
        EdgeChoice choice = chooser(engine).choose(summary, EdgeMode.AUTO, PICTURES, LAX, ProbeSettings.defaults());
        assertThat(choice.model()).isNotNull();
        EdgeChoice possible = choice.orFloat(summary.at(List.of(List.of("r1"))));
        assertThat(possible).isSameAs(choice);
        EdgeChoice impossible = choice.orFloat(summary.at(List.of(List.of("r1"), List.of("t"))));
        assertThat(impossible.model()).isNull();
        assertThat(impossible.reason()).contains("cut at t", "t/quantized");
        assertThat(impossible.floatMillis()).isEqualTo(4);
        assertThat(impossible.integerMillis()).isEqualTo(3);
    }

    @Test
    void onlyCutsThatIntegersHaveAreOffered() throws Exception {
        ModelSummary summary = summary(outputHalfWay());
        EdgeChoice choice = chooser(engine).choose(summary, EdgeMode.AUTO, PICTURES, LAX, ProbeSettings.defaults());
        ModelSummary offered = choice.offered(summary);
        assertThat(summary.cuts().all()).extracting(cut -> cut.point()).contains("r1", "t");
        assertThat(offered.cuts().all())
                .extracting(cut -> cut.point())
                .contains("r1")
                .doesNotContain("t");
        assertThat(offered.model()).isSameAs(summary.model());
    }

    private static ModelBuilder outputHalfWay() {
        ModelBuilder model = new ModelBuilder().input("x", "N", 3, Networks.SIDE, Networks.SIDE);
        Networks.convolve(model, "x", "c1", 3, Networks.CHANNELS, 1);
        model.node("Relu", "c1", "r1");
        Networks.convolve(model, "r1", "t", Networks.CHANNELS, Networks.CHANNELS, 1);
        Networks.convolve(model, "t", "y", Networks.CHANNELS, Networks.CHANNELS, 1);
        return model.output("t", "y");
    }
}
