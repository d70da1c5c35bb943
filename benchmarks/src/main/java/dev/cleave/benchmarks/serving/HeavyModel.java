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
 * A model of some bytes that computes for as long as its input says: products of large matrices, which are made when it runs, one after another. Inputs are eight
 * numbers, the largest of which is how many products there are; so it is split in a moment, by small numbers, and asked large ones.
 */
final class HeavyModel {
    private static final int WIDTH = 8;

    private HeavyModel() {}

    /**
     * Writes and splits it.
     *
     * @param side of the square matrices
     * @param work takes the files
     * @return the bundle, alone in its folder
     */
    static Path split(int side, Path work) throws IOException, InterruptedException {
        GraphProto.Builder graph = GraphProto.newBuilder()
                .setName("heavy")
                .addInput(tensor("input", TensorProto.DataType.FLOAT_VALUE, 1, WIDTH))
                .addInitializer(TensorProto.newBuilder()
                        .setName("size")
                        .setDataType(TensorProto.DataType.INT64_VALUE)
                        .addDims(2)
                        .setRawData(longs(side, side)))
                .addNode(node("Relu", "positive", "input"))
                .addNode(reduce("ReduceMean", "mean0", "positive", 1))
                .addNode(node("Expand", "matrix", "mean0", "size"))
                .addNode(reduce("ReduceMax", "most", "positive", 0))
                .addNode(node("Cast", "products", "most").addAttribute(integer("to", TensorProto.DataType.INT64_VALUE)))
                .addNode(node("Loop", "last", "products", "", "matrix")
                        .addAttribute(AttributeProto.newBuilder()
                                .setName("body")
                                .setType(AttributeProto.AttributeType.GRAPH)
                                .setG(body())))
                .addNode(reduce("ReduceMean", "mean", "last", 1))
                .addOutput(tensor("mean", TensorProto.DataType.FLOAT_VALUE, 1, 1));
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

    /** One product with the matrix that all begin with. */
    private static GraphProto body() {
        return GraphProto.newBuilder()
                .setName("product")
                .addInput(tensor("number", TensorProto.DataType.INT64_VALUE))
                .addInput(tensor("goesOn", TensorProto.DataType.BOOL_VALUE))
                .addInput(tensor("so far", TensorProto.DataType.FLOAT_VALUE, -1, -1))
                .addNode(node("Identity", "going on", "goesOn"))
                .addNode(node("MatMul", "next", "so far", "matrix"))
                .addOutput(tensor("going on", TensorProto.DataType.BOOL_VALUE))
                .addOutput(tensor("next", TensorProto.DataType.FLOAT_VALUE, -1, -1))
                .build();
    }

    private static ByteString longs(long... values) {
        ByteBuffer bytes = ByteBuffer.allocate(values.length * Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asLongBuffer().put(values);
        return ByteString.copyFrom(bytes);
    }

    private static NodeProto.Builder reduce(String operator, String output, String input, int keepdims) {
        return node(operator, output, input).addAttribute(integer("keepdims", keepdims));
    }

    private static AttributeProto integer(String name, long value) {
        return AttributeProto.newBuilder()
                .setName(name)
                .setType(AttributeProto.AttributeType.INT)
                .setI(value)
                .build();
    }

    private static NodeProto.Builder node(String operator, String output, String... inputs) {
        return NodeProto.newBuilder()
                .setOpType(operator)
                .setName(output)
                .addAllInput(List.of(inputs))
                .addOutput(output);
    }

    private static ValueInfoProto tensor(String name, int type, long... dims) {
        TensorShapeProto.Builder shape = TensorShapeProto.newBuilder();
        for (long dim : dims) {
            shape.addDim(
                    dim < 0
                            ? TensorShapeProto.Dimension.getDefaultInstance()
                            : TensorShapeProto.Dimension.newBuilder()
                                    .setDimValue(dim)
                                    .build());
        }
        return ValueInfoProto.newBuilder()
                .setName(name)
                .setType(TypeProto.newBuilder()
                        .setTensorType(
                                TypeProto.Tensor.newBuilder().setElemType(type).setShape(shape)))
                .build();
    }
}
