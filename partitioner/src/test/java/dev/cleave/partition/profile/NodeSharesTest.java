package dev.cleave.partition.profile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.cleave.engine.Engine;
import dev.cleave.engine.Engines;
import dev.cleave.engine.OperatorTime;
import dev.cleave.engine.SessionOptions;
import dev.cleave.onnx.ModelProto;
import dev.cleave.onnx.NodeProto;
import dev.cleave.partition.Material;
import dev.cleave.partition.ModelBuilder;
import dev.cleave.partition.ModelSummary;
import dev.cleave.partition.extract.CutGraphs;
import dev.cleave.partition.graph.OnnxModel;
import dev.cleave.partition.shape.ProbeSettings;
import dev.cleave.partition.shape.RandomInputs;
import dev.cleave.tensor.ElementType;
import dev.cleave.tensor.Shape;
import dev.cleave.tensor.Tensor;
import dev.cleave.tensor.TensorSpec;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class NodeSharesTest {
    /** What ONNX Runtime puts in between operators, and the two that it makes of several without saying of which. */
    private static final Set<String> UNMARKED = Set.of(
            "ReorderInput",
            "ReorderOutput",
            "Transpose",
            "Cast",
            "QuantizeLinear",
            "DequantizeLinear",
            "Gelu",
            "SkipLayerNormalization");

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

    @Test
    void marksNodesAndTensorsButNotWhatBodiesRead() throws Exception {
        ModelSummary model = summary(new ModelBuilder()
                .input("x", "N", 8)
                .input("flag", ElementType.BOOL)
                .node("Sin", "x", "a")
                .node("Cos", "a", "b")
                .node("If", "flag", "c")
                .body("then_branch", body -> body.node("Neg", "a", "t").output("t"))
                .body("else_branch", body -> body.node("Abs", "a", "e").output("e"))
                .node("Add", "b c", "y")
                .output("y"));
        List<NodeProto> nodes = marked(model).getGraph().getNodeList();
        assertThat(nodes).extracting(NodeProto::getName).containsExactly("@0@", "@1@", "@2@", "@3@");
        assertThat(nodes.get(0).getOutputList()).containsExactly("a");
        assertThat(nodes.get(1).getOutputList()).containsExactly("@1:0@");
        assertThat(nodes.get(3).getInputList()).containsExactly("@1:0@", "@2:0@");
        assertThat(marked(model).getGraph().getOutput(0).getName()).isEqualTo("@3:0@");
        assertThat(watch(model).get(0)).extracting(OperatorTime::node).contains("@0@", "@1@", "@2@", "@3@");
    }

    @Test
    void readsMarksOutOfWhatAnEngineMadeOfThem() throws Exception {
        ModelSummary model = summary(chain());
        MarkedGraph marks = new MarkedGraph(model.model().graph());
        assertThat(marks.nodesIn("fused @1@/@2:0@_nchwc").toString()).isEqualTo("{1, 2}");
        assertThat(marks.nodesIn("ReorderOutput_token_3").isEmpty()).isTrue();
        assertThat(marks.nodesIn("@9@ @123456789012@ @-1@ @@").isEmpty()).isTrue();
    }

    /** Nodes 0..5: a first convolution, an activation, a convolution, an addition of both, a mean, a flattening. */
    private static ModelBuilder chain() {
        return new ModelBuilder()
                .input("x", "N", 8, 8, 8)
                .weights("w1", 8, 8, 3, 3)
                .weights("w2", 8, 8, 3, 3)
                .node("Conv", "x w1", "c1")
                .with("pads", 1, 1, 1, 1)
                .node("Relu", "c1", "r1")
                .node("Conv", "r1 w2", "c2")
                .with("pads", 1, 1, 1, 1)
                .node("Add", "c2 r1", "s")
                .node("GlobalAveragePool", "s", "p")
                .node("Flatten", "p", "y")
                .output("y");
    }

    @Test
    void givesAnOperatorsTimeToItsNodesAndToThoseMergedIntoThem() throws Exception {
        ModelSummary model = summary(chain());
        double[] shares = trace(
                        model,
                        run(
                                new OperatorTime("@1:0@_nchwc", "Conv", 300),
                                new OperatorTime("@2:0@_nchwc", "Conv", 500),
                                new OperatorTime("@4@", "GlobalAveragePool", 150),
                                new OperatorTime("@5@", "Flatten", 50)))
                .shares();
        // The first convolution is inside the activation; the sum, read by the mean alone, is counted with that.
        double perConvolution = 8 * 8 * 8 * 8 * 9;
        assertThat(shares[0] + shares[1]).isEqualTo(0.3, within(1e-9));
        assertThat(shares[0] / shares[1]).isEqualTo(perConvolution / (8 * 8 * 8), within(1e-9));
        assertThat(shares[2]).isEqualTo(0.5, within(1e-9));
        assertThat(shares[3] + shares[4]).isEqualTo(0.15, within(1e-9));
        assertThat(shares[5]).isEqualTo(0.05, within(1e-9));
    }

    @Test
    void spreadsTimeWithoutAMarkInProportionAndTellsHowMuchItIs() throws Exception {
        NodeShares shares = trace(
                summary(chain()),
                run(
                        new OperatorTime("@0@", "Conv", 300),
                        new OperatorTime("ReorderOutput_token_1", "ReorderOutput", 200),
                        new OperatorTime("@2@", "Conv", 500)));
        assertThat(shares.traced()).isEqualTo(0.8, within(1e-9));
        assertThat(shares.shares()[0] + shares.shares()[1]).isEqualTo(3 / 8.0, within(1e-9));
        assertThat(total(shares)).isEqualTo(1, within(1e-9));
        assertThat(trace(summary(chain()), run(new OperatorTime("who knows", "Conv", 300))))
                .isNull();
        assertThat(trace(summary(chain()), List.of(List.of()))).isNull();
    }

    @Test
    void takesTheMiddleOfSeveralRuns() throws Exception {
        List<List<OperatorTime>> runs = new ArrayList<>();
        for (long nanos : new long[] {400, 380, 420, 90_000, 410, 390, 10, 400}) {
            runs.addAll(run(new OperatorTime("@0@", "Conv", nanos), new OperatorTime("@2@", "Conv", 600)));
        }
        NodeShares shares = trace(summary(chain()), runs);
        assertThat(shares.shares()[0] + shares.shares()[1]).isEqualTo(0.4, within(0.005));
    }

    @Test
    void givesADequantisationToItsReadersAndConstantsToNobody() throws Exception {
        ModelSummary model = summary(quantized());
        double[] shares = trace(model, runOfEveryNode(model)).shares();
        for (int node = 0; node < shares.length; node++) {
            boolean anchored = model.model().flow().anchored().get(node);
            assertThat(shares[node] > 0).as("node %d", node).isEqualTo(anchored);
        }
    }

    @Test
    void estimateFollowsTheWork() throws Exception {
        ModelSummary model = summary(chain());
        NodeShares shares = NodeShares.estimated(model.model().flow(), model.work());
        assertThat(shares.traced()).isZero();
        assertThat(total(shares)).isEqualTo(1, within(1e-9));
        assertThat(shares.shares()[2])
                .isEqualTo(model.work().of(2) / model.work().total(), within(1e-9));
    }

    /** Each model exercises fusions of ONNX Runtime. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "convolutions",
                "normalised",
                "residual",
                "matrices",
                "gelu",
                "layer-norm",
                "skip-layer-norm",
                "quantized",
                "folded"
            })
    void tracesEveryOperatorThatOnnxRuntimeMakesOfNodes(String name) throws Exception {
        ModelSummary model = summary(fusing(name));
        MarkedGraph marks = new MarkedGraph(model.model().graph());
        for (OperatorTime time : watch(model).get(0)) {
            assertThat(UNMARKED.contains(time.operator())
                            || !marks.nodesIn(time.node()).isEmpty())
                    .as("%s of %s", time, name)
                    .isTrue();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"mobilenetv2_fp32.onnx", "squeezenet1.1_fp32.onnx", "yolox_nano_bigisland.onnx"})
    void tracesNineTenthsOfTheTimeOfRealModels(String name) throws Exception {
        Path file = Material.require("models/" + name);
        ModelSummary model = ModelSummary.of(OnnxModel.read(file), engine, ProbeSettings.defaults());
        NodeShares shares = trace(model, watch(model));
        assertThat(shares.traced()).isGreaterThan(0.9);
        assertThat(total(shares)).isEqualTo(1, within(1e-9));
        for (int node : model.model().flow().anchored().stream().toArray()) {
            if (model.model().graph().node(node).is("Conv")) {
                assertThat(shares.shares()[node]).as("convolution %d", node).isPositive();
            }
        }
    }

    private static ModelBuilder fusing(String name) {
        return switch (name) {
            case "convolutions" -> chain();
            case "normalised" ->
                new ModelBuilder()
                        .input("x", "N", 8, 16, 16)
                        .weights("w", 8, 8, 3, 3)
                        .weights("v", 6, 8, 3, 3)
                        .floats("scale", 1, 2, 3, 4, 5, 6, 7, 8)
                        .floats("shift", 1, 2, 3, 4, 5, 6, 7, 8)
                        .node("Conv", "x w", "c")
                        .node("BatchNormalization", "c scale shift shift scale", "n")
                        .node("LeakyRelu", "n", "r")
                        .node("Conv", "r v", "y")
                        .output("y");
            case "residual" ->
                new ModelBuilder()
                        .input("x", "N", 6, 8, 8)
                        .weights("w", 6, 6, 1, 1)
                        .weights("v", 6, 6, 1, 1)
                        .node("Conv", "x w", "a")
                        .node("Relu", "a", "b")
                        .node("Conv", "b v", "c")
                        .node("Add", "c b", "d")
                        .node("Relu", "d", "e")
                        .node("Conv", "e v", "f")
                        .node("Sigmoid", "f", "g")
                        .node("Mul", "f g", "y")
                        .output("y");
            case "matrices" ->
                new ModelBuilder()
                        .input("x", "N", 32)
                        .weights("w", 32, 32)
                        .weights("b", 32)
                        .weights("v", 32, 32)
                        .node("MatMul", "x w", "a")
                        .node("Add", "a b", "c")
                        .node("Relu", "c", "d")
                        .node("Gemm", "d v b", "e")
                        .node("Relu", "e", "f")
                        .node("Transpose", "f", "g")
                        .with("perm", 0, 1)
                        .node("MatMul", "g v", "y")
                        .output("y");
            case "gelu" ->
                gelu(new ModelBuilder().input("x", "N", 4, 32).weights("w", 32, 32))
                        .node("MatMul", "gelu w", "y")
                        .output("y");
            case "layer-norm" ->
                layerNorm(
                                new ModelBuilder()
                                        .input("x", "N", 4, 32)
                                        .weights("w", 32, 32)
                                        .node("MatMul", "x w", "in"),
                                "in")
                        .node("MatMul", "norm w", "y")
                        .output("y");
            case "skip-layer-norm" ->
                layerNorm(
                                new ModelBuilder()
                                        .input("x", "N", 4, 32)
                                        .weights("w", 32, 32)
                                        .node("MatMul", "x w", "in")
                                        .node("Add", "in x", "sum"),
                                "sum")
                        .node("MatMul", "norm w", "y")
                        .output("y");
            case "quantized" -> quantized();
            default ->
                new ModelBuilder()
                        .input("x", "N", 32)
                        .weights("w", 4, 256)
                        .longs("target", 32, 32)
                        .node("Reshape", "w target", "v")
                        .node("Identity", "x", "i")
                        .node("MatMul", "i v", "a")
                        .node("Dropout", "a", "b")
                        .node("MatMul", "b v", "y")
                        .output("y");
        };
    }

    /** Out of {@code x}: {@code 0.5 x (1 + erf(x / sqrt 2))}. */
    private static ModelBuilder gelu(ModelBuilder builder) {
        return builder.scalar("root", 1.4142135f)
                .scalar("one", 1)
                .scalar("half", 0.5f)
                .node("MatMul", "x w", "in")
                .node("Div", "in root", "scaled")
                .node("Erf", "scaled", "erf")
                .node("Add", "erf one", "shifted")
                .node("Mul", "in shifted", "product")
                .node("Mul", "product half", "gelu");
    }

    private static ModelBuilder layerNorm(ModelBuilder builder, String in) {
        return builder.scalar("two", 2)
                .scalar("epsilon", 1e-5f)
                .weights("scale", 32)
                .weights("shift", 32)
                .node("ReduceMean", in, "mean")
                .with("axes", new long[] {-1})
                .node("Sub", in + " mean", "centred")
                .node("Pow", "centred two", "squared")
                .node("ReduceMean", "squared", "variance")
                .with("axes", new long[] {-1})
                .node("Add", "variance epsilon", "safe")
                .node("Sqrt", "safe", "deviation")
                .node("Div", "centred deviation", "divided")
                .node("Mul", "divided scale", "multiplied")
                .node("Add", "multiplied shift", "norm");
    }

    private static ModelBuilder quantized() {
        byte[] weights = new byte[8 * 8 * 9];
        for (int i = 0; i < weights.length; i++) {
            weights[i] = (byte) (i * 37 % 127);
        }
        return new ModelBuilder()
                .input("x", "N", 8, 8, 8)
                .bytes("w", ElementType.INT8, new long[] {8, 8, 3, 3}, weights)
                .bytes("zero", ElementType.INT8, new long[] {}, (byte) 0)
                .bytes("middle", ElementType.UINT8, new long[] {}, (byte) 128)
                .scalar("step", 0.02f)
                .node("QuantizeLinear", "x step middle", "q0")
                .node("DequantizeLinear", "q0 step middle", "d0")
                .node("DequantizeLinear", "w step zero", "dw")
                .node("Conv", "d0 dw", "c1")
                .node("QuantizeLinear", "c1 step middle", "q1")
                .node("DequantizeLinear", "q1 step middle", "d1")
                .node("Conv", "d1 dw", "c2")
                .node("QuantizeLinear", "c2 step middle", "q2")
                .node("DequantizeLinear", "q2 step middle", "y")
                .output("y");
    }

    private ModelSummary summary(ModelBuilder builder) throws Exception {
        return ModelSummary.of(builder.read(folder), engine, ProbeSettings.defaults());
    }

    private ModelProto marked(ModelSummary model) throws Exception {
        return new MarkedGraph(model.model().graph()).mark(graphs(model).whole());
    }

    private CutGraphs graphs(ModelSummary model) throws Exception {
        return new CutGraphs(model.model().flow(), model.model().facts(), folder.resolve("weights.bin"));
    }

    private List<List<OperatorTime>> watch(ModelSummary model) throws Exception {
        Map<String, ElementType> types = new LinkedHashMap<>();
        Map<String, Shape> shapes = new LinkedHashMap<>();
        for (TensorSpec input : model.model().inputs()) {
            types.put(input.name(), input.type());
            shapes.put(input.name(), model.model().facts().seen().get(input.name()));
        }
        Map<String, Tensor> inputs = new RandomInputs(model.model().graph(), 0, Map.of()).next(types, shapes);
        return engine.profile(graphs(model).source(marked(model)), SessionOptions.defaults(), inputs, 8);
    }

    private static NodeShares trace(ModelSummary model, List<List<OperatorTime>> runs) {
        return NodeShares.traced(
                runs, new MarkedGraph(model.model().graph()), model.model().flow(), model.work());
    }

    private static List<List<OperatorTime>> run(OperatorTime... times) {
        return List.of(List.of(times));
    }

    private static List<List<OperatorTime>> runOfEveryNode(ModelSummary model) {
        return List.of(model.model().graph().nodes().stream()
                .map(node -> new OperatorTime("@" + node.index() + "@", node.op(), 100))
                .toList());
    }

    private static double total(NodeShares shares) {
        double total = 0;
        for (double share : shares.shares()) {
            total += share;
        }
        return total;
    }
}
