package dev.cleave.partition;

import com.google.protobuf.ByteString;
import dev.cleave.onnx.AttributeProto;
import dev.cleave.onnx.FunctionProto;
import dev.cleave.onnx.GraphProto;
import dev.cleave.onnx.ModelProto;
import dev.cleave.onnx.NodeProto;
import dev.cleave.onnx.OperatorSetIdProto;
import dev.cleave.onnx.StringStringEntryProto;
import dev.cleave.onnx.TensorProto;
import dev.cleave.onnx.TensorShapeProto;
import dev.cleave.onnx.TypeProto;
import dev.cleave.onnx.ValueInfoProto;
import dev.cleave.partition.graph.ModelException;
import dev.cleave.partition.graph.OnnxModel;
import dev.cleave.tensor.ElementType;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Consumer;

/**
 * Builds small ONNX models for tests, line by line:
 *
 * <pre>{@code
 * new ModelBuilder().input("x", "N", 8).weights("w", 8, 8)
 *         .node("MatMul", "x w", "h").node("Relu", "h", "y").output("y").save(folder)
 * }</pre>
 *
 * Names in a node's lists are separated by blanks; {@code _} stands for an optional one that is absent. Weights are
 * random, seeded by their name. The same class builds bodies (see {@link #body}).
 */
public final class ModelBuilder {
    private final GraphProto.Builder graph = GraphProto.newBuilder().setName("test");
    private final ModelProto.Builder model = ModelProto.newBuilder().setIrVersion(8);
    private NodeProto.Builder last;

    public ModelBuilder() {
        opset("", 17);
    }

    public ModelBuilder irVersion(long version) {
        model.setIrVersion(version);
        return this;
    }

    /** Replaces the version of a domain's operator set, 17 for ONNX's own. */
    public ModelBuilder opset(String domain, long version) {
        for (int i = 0; i < model.getOpsetImportCount(); i++) {
            if (model.getOpsetImport(i).getDomain().equals(domain)) {
                model.removeOpsetImport(i);
            }
        }
        model.addOpsetImport(OperatorSetIdProto.newBuilder().setDomain(domain).setVersion(version));
        return this;
    }

    /** A float input; each dimension is a size, a symbolic name, or -1. */
    public ModelBuilder input(String name, Object... dims) {
        return input(name, ElementType.FLOAT32, dims);
    }

    public ModelBuilder input(String name, ElementType type, Object... dims) {
        graph.addInput(declare(name, type.onnxCode(), dims));
        return this;
    }

    /** An input or output of any kind. */
    public ModelBuilder input(ValueInfoProto input) {
        graph.addInput(input);
        return this;
    }

    /** An output, declared by its name and as a tensor of no known type. */
    public ModelBuilder output(String... names) {
        for (String name : names) {
            graph.addOutput(ValueInfoProto.newBuilder().setName(name));
        }
        return this;
    }

    public ModelBuilder output(String name, ElementType type, Object... dims) {
        graph.addOutput(declare(name, type.onnxCode(), dims));
        return this;
    }

    /** Random float weights, normal with deviation 0.5. */
    public ModelBuilder weights(String name, long... dims) {
        graph.addInitializer(randomFloats(name, dims));
        return this;
    }

    public ModelBuilder floats(String name, float... values) {
        TensorProto.Builder tensor = TensorProto.newBuilder()
                .setName(name)
                .setDataType(TensorProto.DataType.FLOAT_VALUE)
                .addDims(values.length);
        for (float value : values) {
            tensor.addFloatData(value);
        }
        graph.addInitializer(tensor);
        return this;
    }

    public ModelBuilder scalar(String name, float value) {
        graph.addInitializer(TensorProto.newBuilder()
                .setName(name)
                .setDataType(TensorProto.DataType.FLOAT_VALUE)
                .addFloatData(value));
        return this;
    }

    public ModelBuilder longs(String name, long... values) {
        graph.addInitializer(longTensor(name, values));
        return this;
    }

    public ModelBuilder scalarLong(String name, long value) {
        graph.addInitializer(longTensor(name, value).toBuilder().clearDims());
        return this;
    }

    public ModelBuilder scalarBool(String name, boolean value) {
        graph.addInitializer(TensorProto.newBuilder()
                .setName(name)
                .setDataType(TensorProto.DataType.BOOL_VALUE)
                .addInt32Data(value ? 1 : 0));
        return this;
    }

    /** 8-bit weights with any values. */
    public ModelBuilder bytes(String name, ElementType type, long[] dims, byte... values) {
        TensorProto.Builder tensor = TensorProto.newBuilder()
                .setName(name)
                .setDataType(type.onnxCode())
                .setRawData(ByteString.copyFrom(values));
        for (long dim : dims) {
            tensor.addDims(dim);
        }
        graph.addInitializer(tensor);
        return this;
    }

    public ModelBuilder initializer(TensorProto tensor) {
        graph.addInitializer(tensor);
        return this;
    }

    /** A node of ONNX's own operators. */
    public ModelBuilder node(String op, String inputs, String outputs) {
        return node("", op, inputs, outputs);
    }

    public ModelBuilder node(String domain, String op, String inputs, String outputs) {
        finishNode();
        last = NodeProto.newBuilder().setOpType(op).setDomain(domain);
        names(inputs).forEach(last::addInput);
        names(outputs).forEach(last::addOutput);
        last.setName(op + "_" + names(outputs).get(0));
        return this;
    }

    /** Adds an attribute to the last node. */
    public ModelBuilder with(String name, long value) {
        last.addAttribute(AttributeProto.newBuilder()
                .setName(name)
                .setType(AttributeProto.AttributeType.INT)
                .setI(value));
        return this;
    }

    public ModelBuilder with(String name, float value) {
        last.addAttribute(AttributeProto.newBuilder()
                .setName(name)
                .setType(AttributeProto.AttributeType.FLOAT)
                .setF(value));
        return this;
    }

    public ModelBuilder with(String name, long... values) {
        AttributeProto.Builder attribute =
                AttributeProto.newBuilder().setName(name).setType(AttributeProto.AttributeType.INTS);
        for (long value : values) {
            attribute.addInts(value);
        }
        last.addAttribute(attribute);
        return this;
    }

    public ModelBuilder with(String name, String value) {
        last.addAttribute(AttributeProto.newBuilder()
                .setName(name)
                .setType(AttributeProto.AttributeType.STRING)
                .setS(ByteString.copyFromUtf8(value)));
        return this;
    }

    public ModelBuilder with(String name, TensorProto value) {
        last.addAttribute(AttributeProto.newBuilder()
                .setName(name)
                .setType(AttributeProto.AttributeType.TENSOR)
                .setT(value));
        return this;
    }

    /** Adds a body to the last node: built like a model, without the model around it. */
    public ModelBuilder body(String name, Consumer<ModelBuilder> content) {
        ModelBuilder inner = new ModelBuilder();
        content.accept(inner);
        last.addAttribute(AttributeProto.newBuilder()
                .setName(name)
                .setType(AttributeProto.AttributeType.GRAPH)
                .setG(inner.graph()));
        return this;
    }

    /** Adds a function of domain {@code local}; inputs and outputs are names separated by blanks. */
    public ModelBuilder function(String name, String inputs, String outputs, Consumer<ModelBuilder> content) {
        ModelBuilder inner = new ModelBuilder();
        content.accept(inner);
        model.addFunctions(FunctionProto.newBuilder()
                .setDomain("local")
                .setName(name)
                .addAllInput(names(inputs))
                .addAllOutput(names(outputs))
                .addOpsetImport(OperatorSetIdProto.newBuilder().setVersion(17))
                .addOpsetImport(
                        OperatorSetIdProto.newBuilder().setDomain("local").setVersion(1))
                .addAllNode(inner.graph().getNodeList()));
        return opset("local", 1);
    }

    /** The protobuf under construction, for what has no method here. */
    public ModelBuilder edit(Consumer<GraphProto.Builder> change) {
        finishNode();
        change.accept(graph);
        return this;
    }

    public ModelProto build() {
        return model.setGraph(graph()).build();
    }

    /** Writes {@code model.onnx} into a folder. */
    public Path save(Path folder) {
        try {
            return Files.write(folder.resolve("model.onnx"), build().toByteArray());
        } catch (IOException unwritable) {
            throw new UncheckedIOException(unwritable);
        }
    }

    /** Writes the model and reads it back. */
    public OnnxModel read(Path folder) throws ModelException {
        return OnnxModel.read(save(folder));
    }

    private GraphProto graph() {
        finishNode();
        return graph.build();
    }

    private void finishNode() {
        if (last != null) {
            graph.addNode(last);
            last = null;
        }
    }

    private static List<String> names(String list) {
        return list.isBlank()
                ? List.of()
                : List.of(list.trim().split(" +")).stream()
                        .map(name -> name.equals("_") ? "" : name)
                        .toList();
    }

    public static TensorProto randomFloats(String name, long... dims) {
        TensorProto.Builder tensor =
                TensorProto.newBuilder().setName(name).setDataType(TensorProto.DataType.FLOAT_VALUE);
        long elements = 1;
        for (long dim : dims) {
            tensor.addDims(dim);
            elements *= dim;
        }
        SplittableRandom random = new SplittableRandom(name.hashCode());
        for (long i = 0; i < elements; i++) {
            tensor.addFloatData((float) (0.5 * random.nextGaussian()));
        }
        return tensor.build();
    }

    public static TensorProto longTensor(String name, long... values) {
        TensorProto.Builder tensor = TensorProto.newBuilder()
                .setName(name)
                .setDataType(TensorProto.DataType.INT64_VALUE)
                .addDims(values.length);
        for (long value : values) {
            tensor.addInt64Data(value);
        }
        return tensor.build();
    }

    public static TensorProto external(String name, String location, String offset, String length, long... dims) {
        TensorProto.Builder tensor = TensorProto.newBuilder()
                .setName(name)
                .setDataType(TensorProto.DataType.FLOAT_VALUE)
                .setDataLocation(TensorProto.DataLocation.EXTERNAL);
        for (long dim : dims) {
            tensor.addDims(dim);
        }
        addEntry(tensor, "location", location);
        addEntry(tensor, "offset", offset);
        addEntry(tensor, "length", length);
        return tensor.build();
    }

    private static void addEntry(TensorProto.Builder tensor, String key, String value) {
        if (value != null) {
            tensor.addExternalData(
                    StringStringEntryProto.newBuilder().setKey(key).setValue(value));
        }
    }

    private static ValueInfoProto declare(String name, int type, Object... dims) {
        TensorShapeProto.Builder shape = TensorShapeProto.newBuilder();
        for (Object dim : dims) {
            TensorShapeProto.Dimension.Builder axis = TensorShapeProto.Dimension.newBuilder();
            if (dim instanceof Number size) {
                if (size.longValue() >= 0) {
                    axis.setDimValue(size.longValue());
                }
            } else {
                axis.setDimParam(dim.toString());
            }
            shape.addDim(axis);
        }
        return ValueInfoProto.newBuilder()
                .setName(name)
                .setType(TypeProto.newBuilder()
                        .setTensorType(
                                TypeProto.Tensor.newBuilder().setElemType(type).setShape(shape)))
                .build();
    }
}
