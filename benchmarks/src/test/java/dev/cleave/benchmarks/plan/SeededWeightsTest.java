package dev.cleave.benchmarks.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.cleave.onnx.AttributeProto;
import dev.cleave.onnx.GraphProto;
import dev.cleave.onnx.ModelProto;
import dev.cleave.onnx.NodeProto;
import dev.cleave.onnx.OperatorSetIdProto;
import dev.cleave.onnx.TensorProto;
import dev.cleave.partition.graph.OnnxModel;
import java.io.IOException;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SeededWeightsTest {
    @TempDir
    private Path folder;

    @Test
    void theSameSeedGivesTheSameFilesAndAnotherSeedOtherWeights() throws Exception {
        Path topology = topology();
        for (String name : List.of("one", "two", "three")) {
            Path own = Files.createDirectory(folder.resolve(name)).resolve("model.onnx");
            SeededWeights.write(topology, name.equals("three") ? 2 : 1, own);
        }
        assertThat(folder.resolve("one/model.onnx")).hasSameBinaryContentAs(folder.resolve("two/model.onnx"));
        assertThat(folder.resolve("one/model.onnx.weights"))
                .hasSameBinaryContentAs(folder.resolve("two/model.onnx.weights"));
        assertThat(Files.mismatch(folder.resolve("one/model.onnx.weights"), folder.resolve("three/model.onnx.weights")))
                .isNotNegative();
    }

    @Test
    void weightsAreHeNormalByTheirFanInAndBiasesZero() throws Exception {
        OnnxModel model = seeded();
        assertThat(deviation(values(model, "w"))).isCloseTo(Math.sqrt(2.0 / (16 * 3 * 3)), within(0.003));
        assertThat(deviation(values(model, "fc"))).isCloseTo(Math.sqrt(2.0 / 64), within(0.005));
        assertThat(values(model, "b")).containsOnly(0);
        assertThat(values(model, "scale")).containsOnly(1);
        assertThat(values(model, "mean")).containsOnly(0);
        assertThat(values(model, "variance")).containsOnly(1);
    }

    @Test
    void constantsThatAreNoWeightsStayInTheGraph() throws Exception {
        assertThat(seeded().proto().getGraph().getNodeList())
                .extracting(NodeProto::getOpType)
                .containsExactly("ConstantOfShape", "Conv", "BatchNormalization", "Add", "Gemm");
    }

    private OnnxModel seeded() throws IOException {
        Path target = folder.resolve("seeded.onnx");
        SeededWeights.write(topology(), 1, target);
        return OnnxModel.read(target);
    }

    /** Not a network that runs: the wiring is all that matters. */
    private Path topology() throws IOException {
        GraphProto.Builder graph = GraphProto.newBuilder().setName("topology");
        constant(graph, "w", 64, 16, 3, 3);
        constant(graph, "b", 64);
        constant(graph, "scale", 64);
        constant(graph, "shift", 64);
        constant(graph, "mean", 64);
        constant(graph, "variance", 64);
        constant(graph, "offset", 1);
        constant(graph, "fc", 100, 64);
        graph.addNode(node("Conv", "x", "w", "b"))
                .addNode(node("BatchNormalization", "Conv", "scale", "shift", "mean", "variance"))
                .addNode(node("Add", "BatchNormalization", "offset"))
                .addNode(node("Gemm", "Add", "fc").toBuilder()
                        .addAttribute(AttributeProto.newBuilder()
                                .setName("transB")
                                .setType(AttributeProto.AttributeType.INT)
                                .setI(1)));
        ModelProto model = ModelProto.newBuilder()
                .setIrVersion(3)
                .addOpsetImport(OperatorSetIdProto.newBuilder().setVersion(9))
                .setGraph(graph)
                .build();
        return Files.write(folder.resolve("topology.onnx"), model.toByteArray());
    }

    private static void constant(GraphProto.Builder graph, String name, long... dims) {
        TensorProto.Builder shape = TensorProto.newBuilder()
                .setName(name + "-shape")
                .setDataType(TensorProto.DataType.INT64_VALUE)
                .addDims(dims.length);
        for (long dim : dims) {
            shape.addInt64Data(dim);
        }
        graph.addInitializer(shape);
        graph.addNode(NodeProto.newBuilder()
                .setOpType("ConstantOfShape")
                .addInput(name + "-shape")
                .addOutput(name));
    }

    private static NodeProto node(String operator, String... inputs) {
        return NodeProto.newBuilder()
                .setOpType(operator)
                .addAllInput(List.of(inputs))
                .addOutput(operator)
                .build();
    }

    private static float[] values(OnnxModel model, String name) {
        TensorProto tensor = model.proto().getGraph().getInitializerList().stream()
                .filter(each -> each.getName().equals(name))
                .findFirst()
                .orElseThrow();
        FloatBuffer data = model.data(tensor)
                .bytes()
                .asReadOnlyByteBuffer()
                .order(ByteOrder.LITTLE_ENDIAN)
                .asFloatBuffer();
        float[] values = new float[data.remaining()];
        data.get(values);
        return values;
    }

    private static double deviation(float[] values) {
        double squares = 0;
        for (float value : values) {
            squares += value * value;
        }
        return Math.sqrt(squares / values.length);
    }
}
