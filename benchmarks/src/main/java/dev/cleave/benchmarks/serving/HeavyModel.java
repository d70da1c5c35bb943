package dev.cleave.benchmarks.serving;

import com.google.protobuf.ByteString;
import dev.cleave.cli.process.ChildProcess;
import dev.cleave.onnx.AttributeProto;
import dev.cleave.onnx.GraphProto;
import dev.cleave.onnx.ModelProto;
import dev.cleave.onnx.NodeProto;
import dev.cleave.onnx.OperatorSetIdProto;
import dev.cleave.onnx.TensorProto;
import dev.cleave.onnx.TensorShapeProto;
import dev.cleave.onnx.TypeProto;
import dev.cleave.onnx.ValueInfoProto;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * A model of some bytes that computes for seconds: products of large matrices that are made when it runs, one after another, from an input of eight
 * numbers.
 */
final class HeavyModel {
    private static final int WIDTH = 8;

    private HeavyModel() {}

    /**
     * Writes and splits it.
     *
     * @param side of the square matrices
     * @param products how many
     * @param work takes the files
     * @return the bundle, alone in its folder
     */
    static Path split(int side, int products, Path work) throws IOException, InterruptedException {
        GraphProto.Builder graph = GraphProto.newBuilder()
                .setName("heavy")
                .addInput(tensor("input", 1, WIDTH))
                .addInitializer(TensorProto.newBuilder()
                        .setName("size")
                        .setDataType(TensorProto.DataType.INT64_VALUE)
                        .addDims(2)
                        .setRawData(longs(side, side)))
                .addNode(node("Relu", "positive", "input"))
                .addNode(reduce("scalar", "positive"))
                .addNode(node("Expand", "step0", "scalar", "size"))
                .addOutput(tensor("mean", 1, 1));
        for (int i = 0; i < products; i++) {
            graph.addNode(node("MatMul", "step" + (i + 1), "step" + i, "step0"));
        }
        graph.addNode(reduce("mean", "step" + products));
        ModelProto model = ModelProto.newBuilder()
                .setIrVersion(8)
                .addOpsetImport(OperatorSetIdProto.newBuilder().setVersion(17))
                .setGraph(graph)
                .build();
        Path file = Files.write(Files.createDirectories(work).resolve("heavy.onnx"), model.toByteArray());
        Path bundle = Files.createDirectories(work.resolve("served")).resolve("heavy.cleave");
        List<String> arguments = List.of(
                "split", file.toString(), "-o", bundle.toString(), "--at", "positive", "--random", "1", "--int8=never");
        try (ChildProcess split = ChildProcess.start(work.resolve("split.log"), arguments)) {
            split.finish();
        }
        return bundle;
    }

    private static ByteString longs(long... values) {
        ByteBuffer bytes = ByteBuffer.allocate(values.length * Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asLongBuffer().put(values);
        return ByteString.copyFrom(bytes);
    }

    private static NodeProto.Builder reduce(String output, String input) {
        return node("ReduceMean", output, input)
                .addAttribute(AttributeProto.newBuilder()
                        .setName("keepdims")
                        .setType(AttributeProto.AttributeType.INT)
                        .setI(1));
    }

    private static NodeProto.Builder node(String operator, String output, String... inputs) {
        return NodeProto.newBuilder()
                .setOpType(operator)
                .setName(output)
                .addAllInput(List.of(inputs))
                .addOutput(output);
    }

    private static ValueInfoProto tensor(String name, long... dims) {
        TensorShapeProto.Builder shape = TensorShapeProto.newBuilder();
        for (long dim : dims) {
            shape.addDim(TensorShapeProto.Dimension.newBuilder().setDimValue(dim));
        }
        return ValueInfoProto.newBuilder()
                .setName(name)
                .setType(TypeProto.newBuilder()
                        .setTensorType(TypeProto.Tensor.newBuilder()
                                .setElemType(TensorProto.DataType.FLOAT_VALUE)
                                .setShape(shape)))
                .build();
    }
}
