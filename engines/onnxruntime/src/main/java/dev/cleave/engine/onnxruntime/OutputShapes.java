package dev.cleave.engine.onnxruntime;

import ai.onnxruntime.TensorInfo;
import dev.cleave.tensor.Shape;
import dev.cleave.tensor.Tensor;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Predicts the shape of an output from those of the inputs, so that its tensor can be allocated, and pinned, before the
 * run: ONNX Runtime's Java API copies twice what it allocated itself.
 *
 * <p>An open dimension is known if an input has one of the same symbolic name. Exporters sometimes declare dimensions
 * that are not true; a prediction is therefore only ever a guess. Immutable.
 */
final class OutputShapes {
    private final Map<String, TensorInfo> inputs;
    private final Map<String, TensorInfo> outputs;

    OutputShapes(Map<String, TensorInfo> inputs, Map<String, TensorInfo> outputs) {
        this.inputs = new LinkedHashMap<>(inputs);
        this.outputs = new LinkedHashMap<>(outputs);
    }

    /** The sizes that the given inputs have along each named dimension; a name with two sizes keeps the first. */
    Map<String, Long> sizes(Map<String, Tensor> tensors) {
        Map<String, Long> sizes = new HashMap<>();
        for (Map.Entry<String, TensorInfo> input : inputs.entrySet()) {
            String[] names = input.getValue().getDimensionNames();
            Shape shape = tensors.get(input.getKey()).shape();
            for (int axis = 0; axis < Math.min(names.length, shape.rank()); axis++) {
                if (!names[axis].isEmpty() && !sizes.containsKey(names[axis])) {
                    sizes.put(names[axis], shape.dim(axis));
                }
            }
        }
        return sizes;
    }

    /** The shape of an output when named dimensions have these sizes, or null if it cannot be told. */
    Shape predict(String output, Map<String, Long> sizes) {
        TensorInfo info = outputs.get(output);
        String[] names = info.getDimensionNames();
        long[] dims = info.getShape();
        for (int axis = 0; axis < dims.length; axis++) {
            if (dims[axis] < 0) {
                Long size = sizes.get(names[axis]);
                if (size == null) {
                    return null;
                }
                dims[axis] = size;
            }
        }
        return Shape.of(dims);
    }
}
