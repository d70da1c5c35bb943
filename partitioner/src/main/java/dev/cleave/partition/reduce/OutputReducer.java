package dev.cleave.partition.reduce;

import com.google.protobuf.ByteString;
import dev.cleave.onnx.AttributeProto;
import dev.cleave.onnx.GraphProto;
import dev.cleave.onnx.ModelProto;
import dev.cleave.onnx.NodeProto;
import dev.cleave.onnx.OperatorSetIdProto;
import dev.cleave.onnx.TensorProto;
import dev.cleave.onnx.TensorShapeProto;
import dev.cleave.onnx.TypeProto;
import dev.cleave.onnx.ValueInfoProto;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToIntFunction;

/** Appends {@link Reduction}s to a model: the reduced output becomes an inner tensor of the last segment. */
public final class OutputReducer {
    /** Axes of ReduceMax became an input with this version of the default operator set. */
    private static final int REDUCE_AXES_AS_INPUT = 18;
    /** TopK takes K as an input from here on. */
    private static final int TOPK_K_AS_INPUT = 10;

    private final ModelProto model;
    private final long opset;
    private final GraphProto.Builder graph;

    private OutputReducer(ModelProto model) {
        this.model = model;
        this.opset = model.getOpsetImportList().stream()
                .filter(imported ->
                        imported.getDomain().isEmpty() || imported.getDomain().equals("ai.onnx"))
                .mapToLong(OperatorSetIdProto::getVersion)
                .findFirst()
                .orElse(1);
        this.graph = model.getGraph().toBuilder();
    }

    /**
     * The model with its outputs reduced.
     *
     * @throws IllegalArgumentException naming the output, if the model has none of that name, it is not a floating
     *     tensor of known rank 1 or more, or the model's operator set is too old
     */
    public static ModelProto reduce(ModelProto model, List<Reduction> reductions) {
        if (reductions.isEmpty()) {
            return model;
        }
        OutputReducer reducer = new OutputReducer(model);
        for (Reduction reduction : reductions) {
            reducer.apply(reduction);
        }
        return model.toBuilder().setGraph(reducer.graph).build();
    }

    /**
     * The reductions that turn a model with {@code modelOutputs} into one with {@code reducedOutputs}, told by name.
     *
     * @param topK size of the last axis of an output {@code NAME.topk_indices}
     */
    public static List<Reduction> between(
            List<String> modelOutputs, List<String> reducedOutputs, ToIntFunction<String> topK) {
        List<Reduction> reductions = new ArrayList<>();
        for (String output : modelOutputs) {
            if (reducedOutputs.contains(output)) {
                continue;
            }
            if (reducedOutputs.contains(output + Reduction.ARGMAX)) {
                reductions.add(new Reduction(output, 0));
            } else if (reducedOutputs.contains(output + Reduction.TOPK_INDICES)) {
                reductions.add(new Reduction(output, topK.applyAsInt(output + Reduction.TOPK_INDICES)));
            }
        }
        return reductions;
    }

    private void apply(Reduction reduction) {
        int position = position(reduction.output());
        ValueInfoProto output = graph.getOutput(position);
        TypeProto.Tensor type = output.getType().getTensorType();
        int rank = type.getShape().getDimCount();
        if (!type.hasShape() || rank == 0 || !isFloating(type.getElemType())) {
            throw new IllegalArgumentException("output \"" + reduction.output()
                    + "\" cannot be reduced; expected a floating tensor of known rank 1 or more");
        }
        if (reduction.k() > 0 && opset < TOPK_K_AS_INPUT) {
            throw new IllegalArgumentException("output \"" + reduction.output() + "\" cannot be reduced to its top "
                    + reduction.k() + ": the model uses operator set " + opset + "; expected 10 or later");
        }
        String floats = asFloat32(reduction.output(), type.getElemType());
        if (reduction.k() == 0) {
            graph.addNode(node("ArgMax", reduction.indices(), floats)
                    .addAttribute(attribute("axis", rank - 1))
                    .addAttribute(attribute("keepdims", 0)));
            graph.addNode(reduceMax(reduction, floats, rank - 1));
        } else {
            graph.addNode(topK(reduction, floats, rank - 1));
        }
        TensorShapeProto shape = reducedShape(type.getShape(), reduction.k());
        graph.removeOutput(position);
        graph.addOutput(position, declared(reduction.indices(), TensorProto.DataType.INT64, shape));
        graph.addOutput(position + 1, declared(reduction.values(), TensorProto.DataType.FLOAT, shape));
    }

    private int position(String name) {
        for (int i = 0; i < graph.getOutputCount(); i++) {
            if (graph.getOutput(i).getName().equals(name)) {
                return i;
            }
        }
        throw new IllegalArgumentException("the model has no output \"" + name + "\"; it has "
                + model.getGraph().getOutputList().stream()
                        .map(ValueInfoProto::getName)
                        .toList());
    }

    /** ONNX Runtime reduces float32 everywhere, half floats not; the last axis is small work. */
    private String asFloat32(String name, int type) {
        if (type == TensorProto.DataType.FLOAT.getNumber()) {
            return name;
        }
        String cast = name + ".float32";
        graph.addNode(node("Cast", cast, name).addAttribute(attribute("to", TensorProto.DataType.FLOAT.getNumber())));
        return cast;
    }

    private NodeProto.Builder reduceMax(Reduction reduction, String input, int axis) {
        NodeProto.Builder max = node("ReduceMax", reduction.values(), input).addAttribute(attribute("keepdims", 0));
        if (opset >= REDUCE_AXES_AS_INPUT) {
            return max.addInput(constant(reduction.values() + ".axes", axis));
        }
        return max.addAttribute(AttributeProto.newBuilder()
                .setName("axes")
                .setType(AttributeProto.AttributeType.INTS)
                .addInts(axis));
    }

    private NodeProto.Builder topK(Reduction reduction, String input, int axis) {
        return node("TopK", reduction.values(), input)
                .addInput(constant(reduction.values() + ".k", reduction.k()))
                .addOutput(reduction.indices())
                .addAttribute(attribute("axis", axis));
    }

    /** A one-element int64 initializer. */
    private String constant(String name, long value) {
        ByteBuffer bytes = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(0, value);
        graph.addInitializer(TensorProto.newBuilder()
                .setName(name)
                .setDataType(TensorProto.DataType.INT64.getNumber())
                .addDims(1)
                .setRawData(ByteString.copyFrom(bytes)));
        return name;
    }

    private static TensorShapeProto reducedShape(TensorShapeProto shape, int k) {
        TensorShapeProto.Builder reduced = shape.toBuilder();
        int last = shape.getDimCount() - 1;
        if (k == 0) {
            return reduced.removeDim(last).build();
        }
        return reduced.setDim(last, TensorShapeProto.Dimension.newBuilder().setDimValue(k))
                .build();
    }

    private static ValueInfoProto declared(String name, TensorProto.DataType type, TensorShapeProto shape) {
        return ValueInfoProto.newBuilder()
                .setName(name)
                .setType(TypeProto.newBuilder()
                        .setTensorType(TypeProto.Tensor.newBuilder()
                                .setElemType(type.getNumber())
                                .setShape(shape)))
                .build();
    }

    private static NodeProto.Builder node(String operator, String output, String input) {
        return NodeProto.newBuilder()
                .setOpType(operator)
                .setName(output)
                .addInput(input)
                .addOutput(output);
    }

    private static AttributeProto attribute(String name, long value) {
        return AttributeProto.newBuilder()
                .setName(name)
                .setType(AttributeProto.AttributeType.INT)
                .setI(value)
                .build();
    }

    private static boolean isFloating(int type) {
        return type == TensorProto.DataType.FLOAT.getNumber()
                || type == TensorProto.DataType.FLOAT16.getNumber()
                || type == TensorProto.DataType.DOUBLE.getNumber()
                || type == TensorProto.DataType.BFLOAT16.getNumber();
    }
}
