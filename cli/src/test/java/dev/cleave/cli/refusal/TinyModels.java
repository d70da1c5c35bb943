package dev.cleave.cli.refusal;

import dev.cleave.onnx.AttributeProto;
import dev.cleave.onnx.GraphProto;
import dev.cleave.onnx.ModelProto;
import dev.cleave.onnx.NodeProto;
import dev.cleave.onnx.OperatorSetIdProto;
import dev.cleave.onnx.TensorProto;
import dev.cleave.onnx.TensorShapeProto;
import dev.cleave.onnx.TensorShapeProto.Dimension;
import dev.cleave.onnx.TypeProto;
import dev.cleave.onnx.ValueInfoProto;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.SplittableRandom;

/** ONNX models of a few nodes. */
public final class TinyModels {
    private static final int FLOAT = TensorProto.DataType.FLOAT_VALUE;

    private TinyModels() {}

    /** Three convolutions over pictures {@code x [N,3,8,8]}; scores {@code y [N,4]}; cuts at {@code r1}, {@code r2}. */
    public static Path pictures(Path file) throws IOException {
        GraphProto.Builder graph = graph().addInput(value("x", "N", 3, 8, 8))
                .addOutput(value("y", "N", 4))
                .addInitializer(weights("w1", 4, 3, 1, 1))
                .addInitializer(weights("w2", 4, 4, 1, 1))
                .addInitializer(weights("w3", 4, 4, 1, 1))
                .addNode(node("Conv", "c1", "x", "w1"))
                .addNode(node("Relu", "r1", "c1"))
                .addNode(node("Conv", "c2", "r1", "w2"))
                .addNode(node("Relu", "r2", "c2"))
                .addNode(node("Conv", "c3", "r2", "w3"))
                .addNode(node("GlobalAveragePool", "p", "c3"))
                .addNode(node("Flatten", "y", "p"));
        return write(graph, file);
    }

    /** As {@link #pictures}, and half of what the scores are is thrown dice: no two runs give the same answers. */
    static Path dice(Path file) throws IOException {
        GraphProto.Builder graph = graph().addInput(value("x", "N", 3, 8, 8))
                .addOutput(value("y", "N", 4))
                .addInitializer(weights("w1", 4, 3, 1, 1))
                .addInitializer(weights("w2", 4, 4, 1, 1))
                .addNode(node("Conv", "c1", "x", "w1"))
                .addNode(node("Relu", "r1", "c1"))
                .addNode(node("Conv", "c2", "r1", "w2"))
                .addNode(node("GlobalAveragePool", "p", "c2"))
                .addNode(node("Flatten", "f", "p"))
                .addNode(node("RandomNormalLike", "noise", "f"))
                .addNode(node("Add", "y", "f", "noise"));
        return write(graph, file);
    }

    /** Two branches, {@code l} and {@code r}, whose cuts are not nested. */
    static Path branches(Path file) throws IOException {
        GraphProto.Builder graph = graph().addInput(value("x", "N", 8))
                .addOutput(value("y", "N", 8))
                .addInitializer(weights("wl", 8, 8))
                .addInitializer(weights("wr", 8, 8))
                .addNode(node("MatMul", "l", "x", "wl"))
                .addNode(node("MatMul", "r", "x", "wr"))
                .addNode(node("Add", "y", "l", "r"));
        return write(graph, file);
    }

    /** Runs only if its open dimension {@code length} is 48. */
    static Path fussy(Path file) throws IOException {
        GraphProto.Builder graph = graph().addInput(value("x", "N", "length"))
                .addOutput(value("y", "N", 4))
                .addInitializer(weights("w", 48, 8))
                .addInitializer(weights("v", 8, 4))
                .addNode(node("MatMul", "a", "x", "w"))
                .addNode(node("Relu", "b", "a"))
                .addNode(node("MatMul", "y", "b", "v"));
        return write(graph, file);
    }

    /** All of it inside one If, which does not run for any size that is likely to be tried. */
    static Path insideOneIf(Path file) throws IOException {
        GraphProto branch = GraphProto.newBuilder()
                .setName("branch")
                .addOutput(value("z", "N", 8))
                .addNode(node("MatMul", "z", "x", "w"))
                .build();
        NodeProto condition = node("If", "y", "c").toBuilder()
                .addAttribute(branch("then_branch", branch))
                .addAttribute(branch("else_branch", branch))
                .build();
        GraphProto.Builder graph = graph().addInput(value("x", "N", "length"))
                .addInput(value("c").toBuilder().setType(bool()))
                .addOutput(value("y", "N", 8))
                .addInitializer(weights("w", 48, 8))
                .addNode(condition);
        return write(graph, file);
    }

    /** A value that goes round: output {@code state_out} is the next run's {@code state_in}. */
    static Path stateful(Path file) throws IOException {
        GraphProto.Builder graph = graph().addInput(value("x", 1, 8))
                .addInput(value("state_in", 1, 8))
                .addOutput(value("y", 1, 8))
                .addOutput(value("state_out", 1, 8))
                .addInitializer(weights("w", 8, 8))
                .addInitializer(weights("v", 8, 8))
                .addNode(node("Add", "a", "x", "state_in"))
                .addNode(node("MatMul", "state_out", "a", "w"))
                .addNode(node("Relu", "b", "state_out"))
                .addNode(node("MatMul", "y", "b", "v"));
        return write(graph, file);
    }

    /** Behind its one cut {@code h}, values of 10^9 that 16-bit floats do not hold. */
    static Path loud(Path file) throws IOException {
        TensorProto gain = TensorProto.newBuilder()
                .setName("gain")
                .setDataType(FLOAT)
                .addFloatData(30_000)
                .build();
        GraphProto.Builder graph = graph().addInput(value("x", "N", 8))
                .addOutput(value("y", "N", 4))
                .addInitializer(weights("a", 8, 8))
                .addInitializer(gain)
                .addInitializer(weights("b", 8, 4))
                .addInitializer(weights("c", 4, 4))
                .addNode(node("MatMul", "h", "x", "a"))
                .addNode(node("Tanh", "t", "h"))
                .addNode(node("Mul", "loud", "t", "gain"))
                .addNode(node("Mul", "louder", "loud", "gain"))
                .addNode(node("MatMul", "m", "louder", "b"))
                .addNode(node("MatMul", "y", "m", "c"));
        return write(graph, file);
    }

    /** As {@link #pictures}, with sums along a row at {@code s} in place of {@code r2}. */
    public static Path summing(Path file) throws IOException {
        TensorProto axis = TensorProto.newBuilder()
                .setName("axis")
                .setDataType(TensorProto.DataType.INT64_VALUE)
                .addInt64Data(3)
                .build();
        GraphProto.Builder graph = graph().addInput(value("x", "N", 3, 8, 8))
                .addOutput(value("y", "N", 4))
                .addInitializer(weights("w1", 4, 3, 1, 1))
                .addInitializer(weights("w2", 4, 4, 1, 1))
                .addInitializer(weights("w3", 4, 4, 1, 1))
                .addInitializer(axis)
                .addNode(node("Conv", "c1", "x", "w1"))
                .addNode(node("Relu", "r1", "c1"))
                .addNode(node("Conv", "c2", "r1", "w2"))
                .addNode(node("CumSum", "s", "c2", "axis"))
                .addNode(node("Conv", "c3", "s", "w3"))
                .addNode(node("GlobalAveragePool", "p", "c3"))
                .addNode(node("Flatten", "y", "p"));
        return write(graph, file);
    }

    /** One vector and no rows. */
    static Path vector(Path file) throws IOException {
        GraphProto.Builder graph = graph().addInput(value("x", 8))
                .addOutput(value("y", 4))
                .addInitializer(weights("w", 8, 8))
                .addInitializer(weights("v", 8, 4))
                .addNode(node("MatMul", "a", "x", "w"))
                .addNode(node("Relu", "b", "a"))
                .addNode(node("MatMul", "y", "b", "v"));
        return write(graph, file);
    }

    private static GraphProto.Builder graph() {
        return GraphProto.newBuilder().setName("tiny");
    }

    private static Path write(GraphProto.Builder graph, Path file) throws IOException {
        ModelProto model = ModelProto.newBuilder()
                .setIrVersion(8)
                .addOpsetImport(OperatorSetIdProto.newBuilder().setVersion(17))
                .setGraph(graph)
                .build();
        return Files.write(file, model.toByteArray());
    }

    private static NodeProto node(String op, String output, String... inputs) {
        return NodeProto.newBuilder()
                .setOpType(op)
                .setName(output)
                .addAllInput(List.of(inputs))
                .addOutput(output)
                .build();
    }

    private static AttributeProto branch(String name, GraphProto body) {
        return AttributeProto.newBuilder()
                .setName(name)
                .setType(AttributeProto.AttributeType.GRAPH)
                .setG(body)
                .build();
    }

    private static TypeProto bool() {
        return TypeProto.newBuilder()
                .setTensorType(TypeProto.Tensor.newBuilder()
                        .setElemType(TensorProto.DataType.BOOL_VALUE)
                        .setShape(TensorShapeProto.getDefaultInstance()))
                .build();
    }

    /** A float tensor; each dimension is a size or a symbolic name. */
    private static ValueInfoProto value(String name, Object... dims) {
        TensorShapeProto.Builder shape = TensorShapeProto.newBuilder();
        for (Object dim : dims) {
            shape.addDim(
                    dim instanceof Integer size
                            ? Dimension.newBuilder().setDimValue(size)
                            : Dimension.newBuilder().setDimParam((String) dim));
        }
        return ValueInfoProto.newBuilder()
                .setName(name)
                .setType(TypeProto.newBuilder()
                        .setTensorType(
                                TypeProto.Tensor.newBuilder().setElemType(FLOAT).setShape(shape)))
                .build();
    }

    private static TensorProto weights(String name, long... dims) {
        SplittableRandom random = new SplittableRandom(name.hashCode());
        TensorProto.Builder tensor = TensorProto.newBuilder().setName(name).setDataType(FLOAT);
        long elements = 1;
        for (long dim : dims) {
            tensor.addDims(dim);
            elements *= dim;
        }
        for (long i = 0; i < elements; i++) {
            tensor.addFloatData((float) random.nextDouble(-1, 1));
        }
        return tensor.build();
    }
}
