package dev.cleave.partition.shape;

import dev.cleave.onnx.TensorShapeProto.Dimension;
import dev.cleave.onnx.TypeProto;
import dev.cleave.onnx.ValueInfoProto;
import dev.cleave.partition.graph.Graph;
import dev.cleave.partition.graph.ModelException;
import dev.cleave.tensor.ElementType;
import dev.cleave.tensor.Shape;
import dev.cleave.tensor.Tensor;
import dev.cleave.tensor.TensorSpec;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The inputs of a model as it declares them, all of them tensors that can cross a boundary.
 *
 * @param specs by name, in the model's order; open dimensions are {@code DYNAMIC}
 * @param openAxes every open dimension
 */
record InputDeclarations(Map<String, TensorSpec> specs, List<OpenAxis> openAxes) {
    /**
     * @param samples give the rank of inputs that declare none
     * @throws ModelException naming an input that is a sequence, holds strings, or has no rank
     */
    static InputDeclarations of(Graph graph, Map<String, Tensor> samples) throws ModelException {
        Map<String, TensorSpec> specs = new LinkedHashMap<>();
        List<OpenAxis> open = new ArrayList<>();
        for (ValueInfoProto input : graph.inputs().values()) {
            String name = "model " + graph.model().file() + ": input \"" + input.getName() + "\"";
            TypeProto type = input.getType();
            if (!type.hasTensorType()) {
                throw new ModelException(name + " is no dense tensor; expected one");
            }
            TypeProto.Tensor tensor = type.getTensorType();
            Shape shape = tensor.hasShape()
                    ? shape(input.getName(), tensor, open, name)
                    : sampled(samples.get(input.getName()), input.getName(), open, name);
            specs.put(input.getName(), new TensorSpec(input.getName(), elementType(tensor, name), shape));
        }
        return new InputDeclarations(specs, open);
    }

    /**
     * Checks that what is given for these inputs fits them.
     *
     * @throws ModelException naming a dimension or sample that the model does not have, or a sample of another kind
     */
    void requireFitting(ProbeSettings settings, Graph graph) throws ModelException {
        String label = "model " + graph.model().file();
        List<String> keys = openAxes.stream().map(OpenAxis::key).distinct().toList();
        for (Map.Entry<String, Long> dim : settings.dims().entrySet()) {
            if (!keys.contains(dim.getKey()) || dim.getValue() < 1) {
                throw new ModelException(label + ": dimension \"" + dim.getKey() + "\" = " + dim.getValue()
                        + "; expected a size of 1 or more for one of " + keys);
            }
        }
        for (Map.Entry<String, Tensor> sample : settings.samples().entrySet()) {
            TensorSpec spec = specs.get(sample.getKey());
            if (spec == null) {
                throw new ModelException(
                        label + ": sample for input \"" + sample.getKey() + "\"; expected one of " + specs.keySet());
            }
            if (spec.mismatch(sample.getValue()) != null) {
                throw new ModelException(label + ": sample " + spec.mismatch(sample.getValue()));
            }
        }
    }

    private static ElementType elementType(TypeProto.Tensor tensor, String name) throws ModelException {
        try {
            return ElementType.fromOnnxCode(tensor.getElemType());
        } catch (IllegalArgumentException refused) {
            throw new ModelException(name + ": " + refused.getMessage(), refused);
        }
    }

    private static Shape shape(String input, TypeProto.Tensor tensor, List<OpenAxis> open, String name)
            throws ModelException {
        List<Dimension> dims = tensor.getShape().getDimList();
        if (dims.size() > Shape.MAX_RANK) {
            throw new ModelException(name + " has rank " + dims.size() + "; expected at most " + Shape.MAX_RANK);
        }
        long[] sizes = new long[dims.size()];
        for (int axis = 0; axis < sizes.length; axis++) {
            Dimension dim = dims.get(axis);
            boolean fixed = dim.getValueCase() == Dimension.ValueCase.DIM_VALUE && dim.getDimValue() >= 0;
            sizes[axis] = fixed ? dim.getDimValue() : Shape.DYNAMIC;
            if (!fixed) {
                open.add(new OpenAxis(input, axis, dim.getDimParam().equals("?") ? "" : dim.getDimParam()));
            }
        }
        return Shape.of(sizes);
    }

    private static Shape sampled(Tensor sample, String input, List<OpenAxis> open, String name) throws ModelException {
        if (sample == null) {
            throw new ModelException(name + " declares no shape; expected one, or an example input to take it from");
        }
        long[] sizes = new long[sample.shape().rank()];
        for (int axis = 0; axis < sizes.length; axis++) {
            sizes[axis] = Shape.DYNAMIC;
            open.add(new OpenAxis(input, axis, ""));
        }
        return Shape.of(sizes);
    }
}
