package dev.cleave.partition.shape;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cleave.engine.Engine;
import dev.cleave.engine.Engines;
import dev.cleave.onnx.TypeProto;
import dev.cleave.onnx.ValueInfoProto;
import dev.cleave.partition.HostileGraphs;
import dev.cleave.partition.ModelBuilder;
import dev.cleave.partition.graph.Graph;
import dev.cleave.partition.graph.ModelException;
import dev.cleave.tensor.ElementType;
import dev.cleave.tensor.Shape;
import dev.cleave.tensor.Tensor;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ShapeProbeTest {
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
    void provesThatRowsAreIndependent() throws Exception {
        ProbedModel model = probe(network("N").node("Tanh", "h", "y").output("y"));
        assertThat(model.isBatched()).isTrue();
        assertThat(model.batchReason()).isEmpty();
        assertThat(model.inputs().get(0).shape()).hasToString("[N,4]");
        assertThat(model.facts().spec("h").toString()).isEqualTo("h:float32[N,8]");
        assertThat(model.facts().bytes("h")).isEqualTo(32);
    }

    @Test
    void keepsBatchOneWhereRowsMeetAndSaysWhy() throws Exception {
        ProbedModel model = probe(network("N")
                .node("ReduceMax", "h", "top")
                .with("axes", new long[] {0})
                .node("Div", "h top", "y")
                .output("y"));
        assertThat(model.isBatched()).isFalse();
        assertThat(model.batchReason()).contains("tensor \"y\" of a row differs by");
        assertThat(model.inputs().get(0).shape()).hasToString("[?,4]");
    }

    @Test
    void opensABatchDimensionThatWasFixedAtOne() throws Exception {
        ProbedModel model = probe(network(1)
                .longs("target", 1, 2, 4)
                .node("Reshape", "h target", "r")
                .node("ReduceSum", "r", "y")
                .with("keepdims", 0)
                .longs("unused", 0)
                .node("Flatten", "r", "z")
                .output("z"));
        assertThat(model.isBatched()).isTrue();
        assertThat(model.facts().spec("r").shape()).hasToString("[N,2,4]");
    }

    @Test
    void leavesAFixedBatchAloneWhereOpeningItBreaksTheModel() throws Exception {
        ProbedModel model = probe(
                network(1).weights("all", 3, 1).node("MatMul", "all h", "y").output("y"));
        assertThat(model.isBatched()).isFalse();
        assertThat(model.batchReason()).contains("batch");
        assertThat(model.inputs().get(0).shape()).hasToString("[1,4]");
        assertThat(model.graph()
                        .proto()
                        .getInput(0)
                        .getType()
                        .getTensorType()
                        .getShape()
                        .getDim(0)
                        .getDimValue())
                .isEqualTo(1);
    }

    @Test
    void doesNotTakeRowsForGrantedBecauseAShapeSaysSo() throws Exception {
        ModelBuilder model = network("N")
                .longs("back", -1)
                .longs("end", -100)
                .longs("axis", 0)
                .node("Slice", "h back end axis back", "reversed")
                .node("Tanh", "reversed", "t")
                .node("Slice", "t back end axis back", "y")
                .output("y");
        ProbedModel probed = probe(model);
        assertThat(probed.isBatched()).isTrue();
        assertThat(probed.facts().spec("t").shape()).hasToString("[N,8]");
        ProbedModel confirmed = new ShapeProbe(engine, ProbeSettings.defaults()).confirmRows(probed, List.of("h", "t"));
        assertThat(confirmed.facts().spec("t").shape()).hasToString("[?,8]");
        assertThat(confirmed.facts().spec("h").shape()).hasToString("[N,8]");
    }

    @Test
    void opensDimensionsThatFollowOpenInputs() throws Exception {
        ProbedModel model = probe(new ModelBuilder()
                .input("x", "N", 3, "side", "side")
                .weights("w", 5, 3, 3, 3)
                .node("Conv", "x w", "c")
                .with("strides", 2L, 2L)
                .with("pads", 1L, 1L, 1L, 1L)
                .node("GlobalMaxPool", "c", "g")
                .node("Exp", "g", "y")
                .output("y"));
        assertThat(model.facts().spec("c").shape()).hasToString("[N,5,?,?]");
        assertThat(model.facts().spec("g").shape()).hasToString("[N,5,1,1]");
    }

    @Test
    void doesNotBelieveThatOneNameIsOneSize() throws Exception {
        ProbedModel model = new ShapeProbe(
                        engine,
                        ProbeSettings.defaults()
                                .withSamples(Map.of(
                                        "a", Tensor.ofFloats(Shape.of(2, 3), 1, 2, 3, 4, 5, 6),
                                        "b", Tensor.ofFloats(Shape.of(5), 1, 2, 3, 4, 5))))
                .probe(new ModelBuilder()
                        .input("a", 2, "n")
                        .input("b", "n")
                        .node("Exp", "a", "c")
                        .node("Sin", "b", "d")
                        .node("ReduceSum", "c", "e")
                        .node("Mul", "e d", "y")
                        .output("y")
                        .read(folder));
        assertThat(model.facts().seen().get("c")).isEqualTo(Shape.of(2, 3));
        assertThat(model.facts().seen().get("d")).isEqualTo(Shape.of(5));
        assertThat(model.facts().spec("c").shape()).hasToString("[2,?]");
    }

    @Test
    void leavesOpenWhatDependsOnValues() throws Exception {
        ProbedModel model = probe(new ModelBuilder()
                .input("x", 4)
                .node("NonZero", "x", "hits")
                .node("Transpose", "hits", "t")
                .node("Cast", "t", "y")
                .with("to", 1)
                .output("y"));
        assertThat(model.facts().spec("hits").toString()).isEqualTo("hits:int64[1,?]");
    }

    @Test
    void takesTheGivenSizeOrFindsOneThatRuns() throws Exception {
        ModelBuilder picky = new ModelBuilder()
                .input("x", "N", 1, "width")
                .weights("w", 2, 1, 16)
                .node("Conv", "x w", "c")
                .node("Exp", "c", "y")
                .output("y");
        assertThat(probe(picky).facts().seen().get("c")).isEqualTo(Shape.of(1, 2, 1));
        ProbedModel sized = new ShapeProbe(engine, ProbeSettings.defaults().withDims(Map.of("width", 20L)))
                .probe(picky.read(folder));
        assertThat(sized.facts().seen().get("c")).isEqualTo(Shape.of(1, 2, 5));
    }

    @Test
    void refusesSizesAndSamplesThatDoNotFit() throws Exception {
        ModelBuilder model = network("N").node("Tanh", "h", "y").output("y");
        Tensor ints = Tensor.ofInts(Shape.of(1, 4), 1, 2, 3, 4);
        assertRefused(model, ProbeSettings.defaults().withDims(Map.of("M", 2L)), "dimension \"M\" = 2; expected");
        assertRefused(model, ProbeSettings.defaults().withSamples(Map.of("z", ints)), "sample for input \"z\"");
        assertRefused(model, ProbeSettings.defaults().withSamples(Map.of("x", ints)), "\"x\" is int32");
        ModelBuilder vast = new ModelBuilder()
                .input("x", 1 << 20, 1 << 20)
                .node("Tanh", "x", "y")
                .output("y");
        assertRefused(vast, ProbeSettings.defaults(), "input \"x\" has shape [1048576,1048576]");
    }

    private void assertRefused(ModelBuilder model, ProbeSettings settings, String reason) {
        assertThatThrownBy(() -> new ShapeProbe(engine, settings).probe(model.read(folder)))
                .isInstanceOf(ModelException.class)
                .hasMessageContaining("model.onnx")
                .hasMessageContaining(reason);
    }

    @Test
    void givesUpARunThatDoesNotEnd() throws Exception {
        ProbeSettings brief = ProbeSettings.defaults().withRunLimit(Duration.ofMillis(200));
        assertThatThrownBy(() -> new ShapeProbe(engine, brief)
                        .probe(HostileGraphs.endless().read(folder)))
                .isInstanceOf(ModelException.class)
                .hasMessageContaining("model.onnx")
                .hasMessageContaining("longer than");
    }

    @Test
    void refusesInputsThatCannotCross() {
        ModelBuilder strings = new ModelBuilder()
                .input(ValueInfoProto.newBuilder()
                        .setName("s")
                        .setType(TypeProto.newBuilder()
                                .setTensorType(TypeProto.Tensor.newBuilder().setElemType(8)))
                        .build())
                .node("Identity", "s", "y")
                .output("y");
        assertThatThrownBy(() -> probe(strings))
                .isInstanceOf(ModelException.class)
                .hasMessageContaining("input \"s\"");
        ModelBuilder sequence = new ModelBuilder()
                .input(ValueInfoProto.newBuilder()
                        .setName("s")
                        .setType(TypeProto.newBuilder().setSequenceType(TypeProto.Sequence.getDefaultInstance()))
                        .build())
                .node("SequenceLength", "s", "y")
                .output("y");
        assertThatThrownBy(() -> probe(sequence))
                .isInstanceOf(ModelException.class)
                .hasMessageContaining("no dense tensor");
    }

    @Test
    void namesAnOperatorThatTheEngineLacks() {
        assertThatThrownBy(() -> probe(new ModelBuilder()
                        .input("x", 4)
                        .node("Frobnicate", "x", "y")
                        .output("y")))
                .isInstanceOf(ModelException.class)
                .hasMessageContaining("Frobnicate")
                .hasMessageNotContaining("\n");
    }

    @Test
    void drawsIndicesFromTheTableTheyLookUp() throws Exception {
        Graph graph = Graph.of(new ModelBuilder()
                .input("ids", ElementType.INT64, "N", 7)
                .input("attention_mask", ElementType.INT64, "N", 7)
                .weights("table", 50, 4)
                .node("Gather", "table ids", "e")
                .node("Cast", "attention_mask", "m")
                .with("to", 1)
                .output("e", "m")
                .read(folder));
        RandomInputs random = new RandomInputs(graph, 3, Map.of());
        Map<String, Tensor> inputs = random.next(
                Map.of("ids", ElementType.INT64, "attention_mask", ElementType.INT64),
                Map.of("ids", Shape.of(40, 7), "attention_mask", Shape.of(40, 7)));
        long largest = 0;
        for (int i = 0; i < 280; i++) {
            largest = Math.max(largest, inputs.get("ids").data().getLong(i * 8));
            assertThat(inputs.get("attention_mask").data().getLong(i * 8)).isEqualTo(1);
        }
        assertThat(largest).isBetween(40L, 49L);
    }

    private static ModelBuilder network(Object rows) {
        return new ModelBuilder().input("x", rows, 4).weights("w", 4, 8).node("MatMul", "x w", "h");
    }

    private ProbedModel probe(ModelBuilder model) throws ModelException {
        return new ShapeProbe(engine, ProbeSettings.defaults()).probe(model.read(folder));
    }
}
