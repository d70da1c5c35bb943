package dev.cleave.partition.half;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cleave.onnx.GraphProto;
import dev.cleave.onnx.ModelProto;
import dev.cleave.onnx.NodeProto;
import dev.cleave.onnx.TensorProto;
import dev.cleave.partition.HalfCheck;
import dev.cleave.partition.ModelBuilder;
import dev.cleave.partition.ModelSummary;
import dev.cleave.partition.cut.Ladder;
import dev.cleave.partition.graph.ModelException;
import dev.cleave.partition.quantize.FloatModel;
import dev.cleave.tensor.ElementType;
import dev.cleave.tensor.Shape;
import dev.cleave.tensor.Tensor;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HalfTailsTest {
    private static final double MOST_ERROR = 4e-3;
    private static final String HALF = "cleave/half/";

    @TempDir
    private Path folder;

    private HalfCheck check;

    @BeforeEach
    void open() throws Exception {
        check = new HalfCheck(folder);
    }

    @AfterEach
    void close() {
        check.close();
    }

    @Test
    void everyTailOfAConvolutionalNetworkIsClose() throws Exception {
        ModelSummary summary = check.summary(network());
        Ladder ladder = ladder(summary, "r1", "s1");
        HalfTails tails = check.tails(summary, ladder);
        assertThat(tails.extracted().precision()).isEqualTo("fp16");
        assertThat(tails.extracted().graphs()).containsOnlyKeys("tail-0", "tail-1", "tail-2");
        assertThat(tails.refusals()).containsExactly("Gemm \"Gemm_y\": the last sums are made in 32 bits");
        assertThat(check.worstError(summary, ladder, tails)).isBetween(1e-6, MOST_ERROR);
    }

    @Test
    void tailsTakeAndGiveWhatThoseInThirtyTwoBitsDo() throws Exception {
        ModelSummary summary = check.summary(network());
        HalfTails tails = check.tails(summary, ladder(summary, "r1", "s1"));
        GraphProto tail = graph(tails, "tail-1");
        assertThat(tail.getInputList()).singleElement().satisfies(input -> {
            assertThat(input.getName()).isEqualTo("r1");
            assertThat(input.getType().getTensorType().getElemType()).isEqualTo(TensorProto.DataType.FLOAT_VALUE);
        });
        assertThat(tail.getOutputList()).singleElement().satisfies(output -> {
            assertThat(output.getName()).isEqualTo("y");
            assertThat(output.getType().getTensorType().getElemType()).isEqualTo(TensorProto.DataType.FLOAT_VALUE);
        });
    }

    @Test
    void allTailsShareWeightsOfHalfTheSize() throws Exception {
        ModelSummary summary = check.summary(new ModelBuilder()
                .input("x", "N", 64)
                .weights("a", 64, 64)
                .weights("b", 64, 64)
                .weights("c", 64, 2)
                .node("MatMul", "x a", "m")
                .node("Relu", "m", "r")
                .node("MatMul", "r b", "n")
                .node("MatMul", "n c", "y")
                .output("y"));
        HalfTails tails = check.tails(summary, ladder(summary, "r"));
        assertThat(tails.extracted().weightsBytes()).isEqualTo(2 * 64 * 64 * 2);
        assertThat(Files.size(tails.extracted().weights())).isEqualTo(2 * 64 * 64 * 2);
        assertThat(tails.extracted().prefixSizes()).containsExactly(0, 0, 2 * 64 * 64 * 2);
        assertThat(graph(tails, "tail-1").getInitializerList())
                .extracting(TensorProto::getName)
                .containsExactlyInAnyOrder(HALF + "b", "c");
    }

    @Test
    void aBoundaryInsideWhatWouldBeFoldedIsStillThere() throws Exception {
        ModelSummary summary = check.summary(network());
        Ladder ladder = ladder(summary, "c1");
        assertThat(FloatModel.prepare(summary.model(), List.of(), check.engine())
                        .graph()
                        .value("c1"))
                .isNull();
        HalfTails tails = check.tails(summary, ladder);
        assertThat(graph(tails, "tail-1").getInput(0).getName()).isEqualTo("c1");
        assertThat(check.worstError(summary, ladder, tails)).isLessThan(MOST_ERROR);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "Softmax|",
                "LogSoftmax|",
                "Exp|",
                "Log|",
                "Sqrt|",
                "Reciprocal|",
                "Softplus|",
                "ReduceMean|",
                "ReduceSum|",
                "ReduceL2|",
                "CumSum|axis",
                "Pow|two",
                "GlobalAveragePool|",
                "LayerNormalization|ones",
                "BatchNormalization|ones ones ones ones",
                "InstanceNormalization|ones ones",
                "Resize|_ scales",
            })
    void staysInThirtyTwoBits(String op, String more) throws Exception {
        ModelSummary summary = check.summary(new ModelBuilder()
                .input("x", 1, 6, 6, 6)
                .weights("a", 1, 6, 6, 6)
                .floats("ones", 1, 1, 1, 1, 1, 1)
                .floats("scales", 1, 1, 1, 1)
                .scalar("two", 2)
                .scalarLong("axis", 1)
                .node("MatMul", "x a", "m")
                .scalar("one", 1)
                .node("Abs", "m", "magnitude")
                .node("Add", "magnitude one", "p")
                .node(op, "p " + (more == null ? "" : more), "s")
                .node("Neg", "s", "y")
                .output("y"));
        HalfTails tails = check.tails(summary, Ladder.of(List.of()));
        NodeProto node = node(tails, op);
        assertThat(node.getInput(0)).isEqualTo("p");
        assertThat(node.getOutput(0)).isEqualTo("s");
        assertThat(node(tails, "Abs").getInput(0)).startsWith(HALF);
        assertThat(check.worstError(summary, Ladder.of(List.of()), tails)).isLessThan(MOST_ERROR);
    }

    @Test
    void whatIsBeforeTheFirstMatrixProductStaysInThirtyTwoBits() throws Exception {
        ModelSummary summary = check.summary(new ModelBuilder()
                .input("x", "N", 8)
                .floats("mean", 70_000, 70_000, 70_000, 70_000, 70_000, 70_000, 70_000, 70_000)
                .weights("w", 8, 8)
                .node("Sub", "x mean", "apart")
                .node("Add", "apart mean", "back")
                .node("MatMul", "back w", "y")
                .output("y"));
        HalfTails tails = check.tails(summary, Ladder.of(List.of()));
        assertThat(node(tails, "Sub").getOutput(0)).isEqualTo("apart");
        assertThat(node(tails, "Add").getOutput(0)).isEqualTo("back");
        assertThat(node(tails, "MatMul").getInput(0)).isEqualTo(HALF + "back");
    }

    @Test
    void aWeightOutOfRangeKeepsItsNode() throws Exception {
        ModelBuilder model = new ModelBuilder()
                .input("x", "N", 4)
                .floats("bias", 1, 2, 3, 66_000)
                .weights("w", 4, 4)
                .weights("v", 4, 4)
                .node("Gemm", "x w bias", "h")
                .node("Relu", "h", "r")
                .node("MatMul", "r v", "m")
                .node("MatMul", "m v", "y")
                .output("y");
        ModelSummary summary = check.summary(model);
        HalfTails tails = check.tails(summary, Ladder.of(List.of()));
        assertThat(tails.refusals()).first().isEqualTo("Gemm \"Gemm_h\": \"bias\" holds 66000.0, beyond 65504.0");
        assertThat(node(tails, "Gemm").getInputList()).containsExactly("x", "w", "bias");
        assertThat(node(tails, "Relu").getInput(0)).isEqualTo("h");
    }

    @Test
    void weightsThatWouldVanishKeepTheirNode() throws Exception {
        TensorProto.Builder tiny = ModelBuilder.randomFloats("w", 4, 4).toBuilder();
        for (int i = 0; i < tiny.getFloatDataCount(); i++) {
            tiny.setFloatData(i, tiny.getFloatData(i) * 1e-7f);
        }
        ModelSummary summary = check.summary(new ModelBuilder()
                .input("x", "N", 4)
                .initializer(tiny.build())
                .weights("v", 4, 4)
                .scalar("large", 1e7f)
                .node("MatMul", "x w", "h")
                .node("Mul", "h large", "back")
                .node("MatMul", "back v", "m")
                .node("MatMul", "m v", "y")
                .output("h", ElementType.FLOAT32, "N", 4)
                .output("y"));
        HalfTails tails = check.tails(summary, Ladder.of(List.of()));
        assertThat(tails.refusals()).first().asString().startsWith("MatMul \"MatMul_h\": \"w\" is too small");
        assertThat(check.worstError(summary, Ladder.of(List.of()), tails)).isLessThan(MOST_ERROR);
    }

    @Test
    void aSquareOfWhatIsInRangeDoesNotOverflow() throws Exception {
        ModelBuilder model = new ModelBuilder()
                .input("x", "N", 4)
                .floats("bias", 900, 900, 900, 900)
                .weights("w", 4, 4)
                .node("Gemm", "x w bias", "h")
                .node("Mul", "h h", "y")
                .output("y");
        assertThat(worst(model)).isLessThan(MOST_ERROR);
    }

    @Test
    void aDivisionByWhatIsComputedStaysExact() throws Exception {
        ModelBuilder model = new ModelBuilder()
                .input("x", "N", 4)
                .weights("w", 4, 4)
                .scalar("tiny", 1e-9f)
                .node("MatMul", "x w", "h")
                .node("Mul", "x tiny", "t")
                .node("Div", "h t", "q")
                .node("Mul", "q t", "y")
                .output("y");
        assertThat(worst(model)).isLessThan(MOST_ERROR);
    }

    @Test
    void theLastMatrixProductStaysInThirtyTwoBits() throws Exception {
        ModelSummary summary = check.summary(new ModelBuilder()
                .input("x", "N", 4)
                .weights("w", 4, 4)
                .weights("v", 4, 4)
                .node("MatMul", "x w", "h")
                .node("Relu", "h", "r")
                .node("Gemm", "r v", "scores")
                .node("Reshape", "scores shape", "y")
                .longs("shape", -1, 4)
                .output("y"));
        HalfTails tails = check.tails(summary, Ladder.of(List.of()));
        assertThat(node(tails, "MatMul").getInput(0)).startsWith(HALF);
        assertThat(node(tails, "Gemm").getInputList()).containsExactly("r", "v");
        assertThat(node(tails, "Reshape").getInput(0)).isEqualTo("scores");
    }

    @ParameterizedTest
    @CsvSource({"-1e9", "-3.4028235e38"})
    void aMaskBelowTheRangeMasks(float mask) throws Exception {
        ModelBuilder model = new ModelBuilder()
                .input("x", 1, 4, 4)
                .input("hidden", ElementType.BOOL, 1, 4, 4)
                .scalar("mask", mask)
                .weights("w", 4, 4)
                .node("MatMul", "x w", "h")
                .node("Where", "hidden mask h", "masked")
                .node("Softmax", "masked", "p")
                .node("MatMul", "p w", "y")
                .output("masked", ElementType.FLOAT32, 1, 4, 4)
                .output("y");
        ModelSummary summary = check.summary(model);
        HalfTails tails = check.tails(summary, Ladder.of(List.of()));
        Tensor hidden = Tensor.allocate(ElementType.BOOL, Shape.of(1, 4, 4));
        for (int i = 0; i < 16; i += 3) {
            hidden.data().put(i, (byte) 1);
        }
        float[] ones = new float[16];
        Arrays.fill(ones, 1);
        Map<String, Tensor> inputs = Map.of("x", Tensor.ofFloats(Shape.of(1, 4, 4), ones), "hidden", hidden);
        assertThat(check.worstError(summary.model(), Ladder.of(List.of()), tails, inputs))
                .isLessThan(MOST_ERROR);
    }

    @Test
    void aBoundOutOfRangeIsAsGoodAsTheLargestNumber() throws Exception {
        ModelBuilder model = new ModelBuilder()
                .input("x", "N", 4)
                .scalar("zero", 0)
                .scalar("most", Float.MAX_VALUE)
                .weights("w", 4, 4)
                .weights("v", 4, 4)
                .node("MatMul", "x w", "h")
                .node("Clip", "h zero most", "c")
                .node("MatMul", "c v", "y")
                .output("y");
        ModelSummary summary = check.summary(model);
        HalfTails tails = check.tails(summary, Ladder.of(List.of()));
        assertThat(node(tails, "Clip").getInputList())
                .containsExactly(HALF + "h", HALF + "bound/zero", HALF + "bound/most");
        assertThat(check.worstError(summary, Ladder.of(List.of()), tails)).isLessThan(MOST_ERROR);
    }

    @Test
    void namesThatAreTakenAreLeftAlone() throws Exception {
        ModelBuilder model = new ModelBuilder()
                .input("x", "N", 4)
                .weights("w", 4, 4)
                .node("MatMul", "x w", "cleave/half/x")
                .node("Relu", "cleave/half/x", "cleave/half/half/y")
                .output("cleave/half/half/y");
        assertThat(worst(model)).isLessThan(MOST_ERROR);
    }

    @Test
    void whatCannotBeConvertedIsRefusedByName() throws Exception {
        ModelBuilder sums =
                new ModelBuilder().input("x", "N", 4).node("Relu", "x", "h").node("Exp", "h", "y");
        assertRefused(sums.output("y"), "it has no convolution or matrix product of 32-bit floats");
        ModelBuilder large = new ModelBuilder()
                .input("x", "N", 2)
                .initializer(TensorProto.newBuilder()
                        .setName("w")
                        .setDataType(TensorProto.DataType.FLOAT_VALUE)
                        .addDims(2)
                        .addDims(1)
                        .addFloatData(1e6f)
                        .addFloatData(1)
                        .build())
                .node("MatMul", "x w", "y")
                .output("y");
        assertRefused(large, "MatMul \"MatMul_y\": \"w\" holds 1000000.0, beyond 65504.0");
        ModelBuilder doubles = new ModelBuilder()
                .input("x", ElementType.FLOAT64, "N", 4)
                .input("w", ElementType.FLOAT64, 4, 4)
                .node("MatMul", "x w", "y")
                .output("y");
        assertRefused(doubles, "it has no convolution or matrix product of 32-bit floats");
    }

    private void assertRefused(ModelBuilder model, String reason) throws Exception {
        ModelSummary summary = check.summary(model);
        assertThatThrownBy(() -> check.tails(summary, Ladder.of(List.of())))
                .isInstanceOf(ModelException.class)
                .hasMessageContaining("model.onnx cannot be converted to fp16: " + reason);
    }

    private double worst(ModelBuilder model) throws Exception {
        ModelSummary summary = check.summary(model);
        HalfTails tails = check.tails(summary, Ladder.of(List.of()));
        return check.worstError(summary, Ladder.of(List.of()), tails);
    }

    private static Ladder ladder(ModelSummary summary, String... points) throws Exception {
        return summary.at(Arrays.stream(points).map(List::of).toList());
    }

    private static GraphProto graph(HalfTails tails, String name) throws Exception {
        return ModelProto.parseFrom(tails.extracted().graphs().get(name)).getGraph();
    }

    private static NodeProto node(HalfTails tails, String op) throws Exception {
        return graph(tails, "tail-0").getNodeList().stream()
                .filter(node -> node.getOpType().equals(op))
                .findFirst()
                .orElseThrow();
    }

    /** Two normalised convolutions, a pool, a sum, an average and a matrix product. */
    private static ModelBuilder network() {
        return new ModelBuilder()
                .input("x", "N", 3, 12, 12)
                .weights("w1", 8, 3, 3, 3)
                .weights("w2", 8, 8, 3, 3)
                .weights("dense", 8, 5)
                .floats("scale", 1, 0.5f, 2, 1, 0.25f, 1, 3, 1)
                .floats("shift", 0, 0.5f, 0, -1, 0, 1, 0, 0.125f)
                .floats("mean", 0, 0.1f, 0.2f, 0, -0.3f, 0, 0, 0)
                .floats("variance", 1, 2, 0.5f, 1, 1, 3, 1, 0.25f)
                .node("Conv", "x w1", "c1")
                .with("pads", 1L, 1L, 1L, 1L)
                .node("BatchNormalization", "c1 scale shift mean variance", "n1")
                .node("Relu", "n1", "r1")
                .node("Conv", "r1 w2", "c2")
                .with("pads", 1L, 1L, 1L, 1L)
                .node("BatchNormalization", "c2 scale shift mean variance", "n2")
                .node("Add", "n2 r1", "s1")
                .node("Relu", "s1", "r2")
                .node("MaxPool", "r2", "p")
                .with("kernel_shape", 2L, 2L)
                .with("strides", 2L, 2L)
                .node("GlobalAveragePool", "p", "g")
                .node("Flatten", "g", "f")
                .node("Gemm", "f dense", "y")
                .output("y");
    }
}
