package dev.cleave.benchmarks.field;

import dev.cleave.cli.process.ChildProcess;
import dev.cleave.onnx.GraphProto;
import dev.cleave.onnx.ModelProto;
import dev.cleave.onnx.NodeProto;
import dev.cleave.onnx.OperatorSetIdProto;
import dev.cleave.onnx.TensorProto;
import dev.cleave.onnx.TensorShapeProto;
import dev.cleave.onnx.TypeProto;
import dev.cleave.onnx.ValueInfoProto;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** A model that takes much and computes next to nothing: the mean of a large input's positive part. */
public final class WideModel {
    private WideModel() {}

    /**
     * Writes and splits it.
     *
     * @param side of the input, one row of one channel
     * @param work takes the files
     * @return the bundle, alone in its folder
     */
    public static Path split(int side, Path work) throws IOException, InterruptedException {
        GraphProto graph = GraphProto.newBuilder()
                .setName("wide")
                .addInput(tensor("input", side))
                .addNode(node("Relu", "input", "positive"))
                .addNode(node("GlobalAveragePool", "positive", "mean"))
                .addOutput(tensor("mean", 1))
                .build();
        ModelProto model = ModelProto.newBuilder()
                .setIrVersion(8)
                .addOpsetImport(OperatorSetIdProto.newBuilder().setVersion(17))
                .setGraph(graph)
                .build();
        Path file = Files.write(work.resolve("wide.onnx"), model.toByteArray());
        Path bundle = Files.createDirectories(work.resolve("served")).resolve("wide.cleave");
        List<String> arguments = List.of(
                "split", file.toString(), "-o", bundle.toString(), "--at", "positive", "--random", "2", "--int8=never");
        try (ChildProcess split = ChildProcess.start(work.resolve("split.log"), arguments)) {
            split.finish();
        }
        return bundle;
    }

    private static NodeProto node(String operator, String input, String output) {
        return NodeProto.newBuilder()
                .setOpType(operator)
                .setName(output)
                .addInput(input)
                .addOutput(output)
                .build();
    }

    private static ValueInfoProto tensor(String name, int side) {
        TensorShapeProto.Builder shape = TensorShapeProto.newBuilder();
        for (long size : new long[] {1, 1, side, side}) {
            shape.addDim(TensorShapeProto.Dimension.newBuilder().setDimValue(size));
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
