package dev.cleave.partition.quantize;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleave.answer.Values;
import dev.cleave.engine.Engine;
import dev.cleave.engine.Engines;
import dev.cleave.engine.SessionOptions;
import dev.cleave.onnx.NodeProto;
import dev.cleave.onnx.TensorProto;
import dev.cleave.partition.ModelBuilder;
import dev.cleave.partition.graph.OnnxModel;
import dev.cleave.partition.progress.Progress;
import dev.cleave.partition.sample.Sample;
import dev.cleave.partition.sample.Samples;
import dev.cleave.partition.shape.ProbeSettings;
import dev.cleave.partition.shape.ProbedModel;
import dev.cleave.partition.shape.ShapeProbe;
import dev.cleave.tensor.ElementType;
import dev.cleave.tensor.Shape;
import dev.cleave.tensor.Tensor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class QuantizerTest {
    private static final Samples PICTURES = Networks.pictures(30);
    private static final QuantizeSettings LAX = QuantizeSettings.defaults().withMaxDisagreement(1);

    @TempDir
    Path folder;

    private Engine engine;

    @BeforeEach
    void open() throws Exception {
        engine = Engines.create("onnxruntime");
    }

    @AfterEach
    void close() {
        engine.close();
    }

    private Quantized quantize(ModelBuilder model, QuantizeSettings settings) throws Exception {
        ProbedModel probed = Networks.probe(model, folder, engine);
        return new Quantizer(engine, settings).quantize(probed, PICTURES, Progress.NONE);
    }

    private KernelCount kernels(OnnxModel model) throws Exception {
        return KernelCount.of(model, engine, SessionOptions.defaults(), PICTURES.get(0));
    }

    @Test
    void everyOperatorOfAResidualNetworkRunsOnIntegers() throws Exception {
        Quantized quantized = quantize(Networks.residual(), LAX);
        KernelCount kernels = kernels(quantized.model());
        assertThat(kernels.floating()).as("%s", kernels).isZero();
        assertThat(kernels.byOperator()).containsEntry("QLinearConv", 5).containsEntry("QLinearAdd", 1);
        assertThat(kernels.conversions()).as("at the input alone").isEqualTo(1);
        assertThat(quantized.report().floatNodes()).isEmpty();
        assertThat(quantized.report().quality().relativeError()).isBetween(1e-6, 0.05);
    }

    /** What rounding the weights adds to its outputs has no bias to be taken from. */
    @Test
    void aMatrixProductWithoutABiasStaysOne() throws Exception {
        ModelBuilder model = new ModelBuilder()
                .input("x", "N", 3, Networks.SIDE, Networks.SIDE)
                .weights("w", 3 * Networks.SIDE * Networks.SIDE, 5)
                .node("Flatten", "x", "f")
                .node("MatMul", "f w", "y")
                .output("y");
        Quantized quantized = quantize(model, LAX);
        assertThat(quantized.report().integerNodes()).anyMatch(label -> label.contains("MatMul"));
        assertThat(quantized.report().quality().relativeError()).isBetween(1e-6, 0.05);
    }

    @Test
    void normalisationsAndLimitsAreNoNodesAnyMore() throws Exception {
        OnnxModel model = quantize(Networks.residual(), LAX).model();
        for (String operator : List.of("BatchNormalization", "Relu", "Clip")) {
            assertThat(Networks.count(model, operator)).as(operator).isZero();
        }
    }

    @Test
    void integersHaveTheNamesOfTheFloatModel() throws Exception {
        Quantized quantized = quantize(Networks.residual(), LAX);
        assertThat(quantized.tensors().keySet()).contains("x", "r1", "p1", "r2", "c3", "r3", "j", "g", "f");
        assertThat(quantized.tensors().get("r3").integers()).isEqualTo("r3");
        assertThat(quantized.tensors().get("x").integers()).isEqualTo("x/quantized");
        assertThat(quantized.tensors().get("r1").zeroPoint())
                .as("behind a Relu")
                .isZero();
        assertThat(quantized.tensors().get("p1").scale())
                .as("pooling keeps the scale")
                .isEqualTo(quantized.tensors().get("r1").scale());
        assertThat(quantized.tensors().get("r2").scale()).isLessThanOrEqualTo(6 / 255f * 1.0001f);
    }

    @Test
    void integersStandForTheFloatModelsValues() throws Exception {
        ProbedModel probed = Networks.probe(Networks.residual(), folder, engine);
        Quantized quantized = new Quantizer(engine, LAX.withEqualized(false)).quantize(probed, PICTURES, Progress.NONE);
        IntegerValues.assertClose(
                probed, quantized, PICTURES.get(0), List.of("r1", "p1", "r2", "c3", "r3", "j"), engine);
    }

    @Test
    void smallChannelsAreBroughtToTheSizeOfTheLargeOnes() throws Exception {
        ProbedModel probed = Networks.probe(Networks.uneven(), folder, engine);
        Quantized plain = new Quantizer(engine, LAX.withEqualized(false)).quantize(probed, PICTURES, Progress.NONE);
        Quantized quantized = new Quantizer(engine, LAX).quantize(probed, PICTURES, Progress.NONE);
        assertThat(quantized.report().isEqualized()).isTrue();
        assertThat(quantized.report().quality().relativeError())
                .isLessThan(0.7 * plain.report().quality().relativeError());
        assertThat(quantized.tensors().get("r1").channelScales()).hasSize(Networks.CHANNELS);
        assertThat(plain.tensors().get("r1").channelScales()).isEmpty();
        IntegerValues.assertClose(probed, quantized, PICTURES.get(0), List.of("r1", "r2"), engine);
    }

    @Test
    void inputsAndOutputsStayWhatTheyWere() throws Exception {
        ProbedModel probed = Networks.probe(Networks.residual(), folder, engine);
        OnnxModel model = new Quantizer(engine, LAX)
                .quantize(probed, PICTURES, Progress.NONE)
                .model();
        assertThat(model.proto().getGraph().getInputList())
                .isEqualTo(probed.graph().proto().getInputList());
        assertThat(model.proto().getGraph().getOutputList())
                .isEqualTo(probed.graph().proto().getOutputList());
    }

    @Test
    void weightsAreSignedByChannelAndBiasesHaveTheScaleOfProducts() throws Exception {
        Quantized quantized = quantize(Networks.residual(), LAX);
        NodeProto conv = maker("c3/float", quantized.model());
        NodeProto weights = maker(conv.getInput(1), quantized.model());
        NodeProto bias = maker(conv.getInput(2), quantized.model());
        assertThat(stored(weights.getInput(0), quantized.model()).getDataType())
                .isEqualTo(TensorProto.DataType.INT8_VALUE);
        assertThat(stored(bias.getInput(0), quantized.model()).getDataType())
                .isEqualTo(TensorProto.DataType.INT32_VALUE);
        float[] weightScales = floats(weights.getInput(1), quantized.model());
        float[] biasScales = floats(bias.getInput(1), quantized.model());
        float inputScale = quantized.tensors().get("r2").scale();
        assertThat(weightScales).hasSize(Networks.CHANNELS);
        for (int c = 0; c < Networks.CHANNELS; c++) {
            assertThat(biasScales[c]).isEqualTo(inputScale * weightScales[c]);
        }
    }

    /** What optimisation makes of the graph must not saturate, whatever the processor. */
    @Test
    void integerKernelsGiveWhatTheGraphSays() throws Exception {
        ModelBuilder model = Networks.residual();
        OnnxModel quantized = quantize(model, LAX).model();
        for (int i = 0; i < 5; i++) {
            Map<String, Tensor> inputs = PICTURES.get(i).inputs();
            Tensor plain = Networks.run(
                            quantized, engine, SessionOptions.defaults().withOptimized(false), inputs)
                    .get("y");
            Tensor fused = Networks.run(quantized, engine, SessionOptions.defaults(), inputs)
                    .get("y");
            assertThat(Values.relativeL2(fused, plain)).isLessThan(0.01);
        }
    }

    @Test
    void nodesAskedForAreComputedInFloat() throws Exception {
        QuantizeSettings settings = LAX.withKeptInFloat(Set.of("c3", "y"));
        Quantized quantized = quantize(Networks.residual(), settings);
        assertThat(quantized.report().floatNodes())
                .containsEntry("Conv \"Conv_c3\"", "asked for")
                .containsEntry("Gemm \"Gemm_y\"", "asked for");
        KernelCount kernels = kernels(quantized.model());
        assertThat(kernels.byOperator()).containsEntry("QLinearConv", 4).doesNotContainKey("QGemm");
    }

    /** The engine would quantise them, with one scale for all channels. */
    @Test
    void weightsBehindIntegersStayFloatWhereAskedFor() throws Exception {
        QuantizeSettings settings = LAX.withKeptInFloat(Set.of("r2")).withEqualized(false);
        OnnxModel quantized = quantize(Networks.uneven(), settings).model();
        Map<String, Tensor> inputs = PICTURES.get(0).inputs();
        Tensor plain = Networks.run(quantized, engine, SessionOptions.defaults().withOptimized(false), inputs)
                .get("y");
        Tensor fused = Networks.run(quantized, engine, SessionOptions.defaults(), inputs)
                .get("y");
        assertThat(Values.relativeL2(fused, plain)).isLessThan(0.01);
    }

    @Test
    void theBudgetIsMetByLeavingFewNodesInFloat() throws Exception {
        ModelBuilder model = new ModelBuilder().input("x", "N", 3, Networks.SIDE, Networks.SIDE);
        Networks.convolve(model, "x", "c1", 3, Networks.CHANNELS, 1);
        // One channel a thousand times as large as the others, which its range leaves no steps.
        float[] uneven = new float[Networks.CHANNELS];
        Arrays.fill(uneven, 1);
        uneven[0] = 1000;
        float[] even = uneven.clone();
        even[0] = 0.001f;
        model.initializer(byChannel("uneven", uneven))
                .initializer(byChannel("even", even))
                .node("Mul", "c1 uneven", "m1")
                .node("Mul", "m1 even", "m2");
        Networks.convolve(model, "m2", "c2", Networks.CHANNELS, Networks.CHANNELS, 1);
        model.node("Relu", "c2", "r2");
        Networks.convolve(model, "r2", "c3", Networks.CHANNELS, Networks.CHANNELS, 1);
        model.node("Relu", "c3", "r3").output("m1", "r3");
        double budget = 0.02;
        Quantized quantized = quantize(model, LAX.withMaxRelativeError(budget));
        QuantizeReport report = quantized.report();
        assertThat(report.methods().values())
                .allSatisfy(quality -> assertThat(quality.relativeError()).isGreaterThan(budget));
        assertThat(report.quality().relativeError()).isLessThanOrEqualTo(budget);
        assertThat(report.floatNodes()).hasSizeBetween(1, 4);
        assertThat(report.integerNodes()).isNotEmpty();
        assertThat(report.integerProducts()).isBetween(1, 2);
        assertThat(kernels(quantized.model()).byOperator()).containsKey("QLinearConv");
    }

    /** Here only inputs that gave ranges get other answers: half of all, none of those held out. */
    @Test
    void aHeadHasToHoldOnTheInputsThatGaveRangesToo() throws Exception {
        TensorProto sumAndDifference = TensorProto.newBuilder()
                .setName("w")
                .setDataType(TensorProto.DataType.FLOAT_VALUE)
                .addAllDims(List.of(2L, 2L))
                .addAllFloatData(List.of(1f, 1f, 1f, -1f))
                .build();
        ModelBuilder model = new ModelBuilder()
                .input("x", "N", 2)
                .initializer(sumAndDifference)
                .node("MatMul", "x w", "y")
                .output("y");
        List<Sample> samples = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            float margin = i % 2 == 0 ? 0.01f * (i % 4 - 1) : 400;
            samples.add(new Sample("s" + i, Map.of("x", Tensor.ofFloats(Shape.of(1, 2), new float[] {20 * i, margin
            }))));
        }
        ProbedModel probed = Networks.probe(model, folder, engine);
        QuantizeSettings strict = QuantizeSettings.defaults().withMaxDisagreement(0.01);

        Quantized nodes = new Quantizer(engine, strict).quantize(probed, Samples.of(samples), Progress.NONE);
        Quantized head =
                new Quantizer(engine, strict.withThorough(false)).quantize(probed, Samples.of(samples), Progress.NONE);

        assertThat(nodes.report().quality().agreement()).isEqualTo(1);
        assertThat(nodes.report().integerProducts()).isEqualTo(1);
        assertThat(head.report().integerProducts()).isZero();
        assertThat(head.report().all().inputs()).isEqualTo(40);
        assertThat(head.report().all().agreeing()).isLessThan(40);
    }

    @Test
    void aQuantisedModelPassesUntouched() throws Exception {
        Quantized once = quantize(Networks.residual(), LAX);
        Files.write(folder.resolve("model.onnx"), once.model().proto().toByteArray());
        OnnxModel read = OnnxModel.read(folder.resolve("model.onnx"));
        ProbedModel probed = new ShapeProbe(engine, ProbeSettings.defaults()).probe(read);
        Quantized twice = new Quantizer(engine, LAX).quantize(probed, PICTURES, Progress.NONE);
        assertThat(twice.report().untouched()).startsWith("it is quantised already");
        assertThat(twice.model()).isSameAs(probed.graph().model());
        assertThat(twice.tensors()).isEmpty();
    }

    @Test
    void aModelWithoutProductsPassesUntouched() throws Exception {
        ModelBuilder model = new ModelBuilder()
                .input("x", "N", 3, Networks.SIDE, Networks.SIDE)
                .node("Sigmoid", "x", "y")
                .output("y");
        assertThat(quantize(model, LAX).report().untouched()).contains("no convolution or matrix product");
    }

    @Test
    void operatorsOfAnOlderSetAreBroughtUpToDate() throws Exception {
        ModelBuilder model = new ModelBuilder().opset("", 9).input("x", "N", 3, Networks.SIDE, Networks.SIDE);
        Networks.convolve(model, "x", "c1", 3, Networks.CHANNELS, 1);
        model.node("Clip", "c1", "r1")
                .with("min", 0f)
                .with("max", 6f)
                .node("MaxPool", "r1", "p1")
                .with("kernel_shape", 2L, 2L)
                .node("GlobalAveragePool", "p1", "g")
                .node("Squeeze", "g", "f")
                .with("axes", 2L, 3L)
                .node("Dropout", "f", "d")
                .weights("w2", 5, Networks.CHANNELS)
                .weights("b2", 5)
                .node("Gemm", "d w2 b2", "l")
                .with("transB", 1L)
                .node("Softmax", "l", "y")
                .output("y");
        Quantized quantized = quantize(model, LAX);
        assertThat(quantized.model().proto().getOpsetImport(0).getVersion()).isEqualTo(13);
        assertThat(quantized.report().floatNodes()).containsOnlyKeys("Softmax \"Softmax_y\"");
        assertThat(quantized.report().quality().relativeError()).isLessThan(0.05);
    }

    @Test
    void whatABodyCapturesAndWhatIsAnOutputStaysFloat() throws Exception {
        ModelBuilder model = new ModelBuilder()
                .input("x", "N", 3, Networks.SIDE, Networks.SIDE)
                .input("flag", ElementType.BOOL);
        Networks.convolve(model, "x", "c1", 3, 3, 1);
        model.node("Relu", "c1", "r1")
                .node("If", "flag", "y")
                .body("then_branch", body -> body.node("Identity", "r1", "t").output("t"))
                .body("else_branch", body -> body.node("Neg", "r1", "e").output("e"));
        Networks.convolve(model, "r1", "z", 3, 3, 1);
        ProbedModel probed = Networks.probe(model.output("y", "r1", "z"), folder, engine);
        List<Sample> flagged = new ArrayList<>();
        for (int i = 0; i < 9; i++) {
            Tensor flag = Tensor.ofBytes(ElementType.BOOL, Shape.of(), (byte) 1);
            flagged.add(new Sample("s" + i, Map.of("x", PICTURES.get(i).inputs().get("x"), "flag", flag)));
        }
        Samples samples = Samples.of(flagged);
        Quantized quantized = new Quantizer(engine, LAX).quantize(probed, samples, Progress.NONE);
        assertThat(quantized.report().quality().relativeError()).isBetween(1e-6, 0.05);
        assertThat(quantized.tensors().get("r1").integers()).isEqualTo("r1/quantized");
        Map<String, Tensor> made = Networks.run(
                quantized.model(),
                engine,
                SessionOptions.defaults(),
                samples.get(0).inputs());
        assertThat(Values.bitEqual(made.get("y"), made.get("r1"))).isTrue();
    }

    private static TensorProto byChannel(String name, float... values) {
        return Stored.floats(name, List.of((long) values.length, 1L, 1L), values);
    }

    private static NodeProto maker(String tensor, OnnxModel model) {
        return model.proto().getGraph().getNodeList().stream()
                .filter(node -> node.getOutputList().contains(tensor))
                .findFirst()
                .orElseThrow();
    }

    private static TensorProto stored(String name, OnnxModel model) {
        return model.proto().getGraph().getInitializerList().stream()
                .filter(tensor -> tensor.getName().equals(name))
                .findFirst()
                .orElseThrow();
    }

    private static float[] floats(String name, OnnxModel model) {
        ByteBuffer raw = stored(name, model).getRawData().asReadOnlyByteBuffer().order(ByteOrder.LITTLE_ENDIAN);
        float[] values = new float[raw.remaining() / Float.BYTES];
        raw.asFloatBuffer().get(values);
        return values;
    }
}
