package dev.cleave.engine.onnxruntime;

import ai.onnxruntime.NodeInfo;
import ai.onnxruntime.TensorInfo;
import dev.cleave.engine.EngineException;
import dev.cleave.tensor.Shape;
import dev.cleave.tensor.Tensor;
import dev.cleave.tensor.TensorSpec;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The inputs, or the outputs, of a graph as ONNX Runtime knows them. */
record Signature(List<TensorSpec> specs, Map<String, TensorInfo> infos, DeclaredValues declared) {
    static Signature of(String label, String what, Map<String, NodeInfo> nodes, DeclaredValues declared)
            throws EngineException {
        List<TensorSpec> specs = new ArrayList<>();
        Map<String, TensorInfo> infos = new LinkedHashMap<>();
        for (NodeInfo node : nodes.values()) {
            if (!(node.getInfo() instanceof TensorInfo)) {
                throw new EngineException(label + ": " + what + " \"" + node.getName() + "\" is a " + node.getInfo()
                        + "; expected a tensor");
            }
            TensorInfo info = (TensorInfo) node.getInfo();
            infos.put(node.getName(), info);
            specs.add(spec(label, what, node.getName(), info));
        }
        return new Signature(Collections.unmodifiableList(specs), infos, declared);
    }

    private static TensorSpec spec(String label, String what, String name, TensorInfo info) throws EngineException {
        long[] dims = info.getShape();
        if (dims.length > TensorInfo.MAX_DIMENSIONS) {
            throw new EngineException(label + ": " + what + " \"" + name + "\" has rank " + dims.length
                    + "; expected at most " + TensorInfo.MAX_DIMENSIONS);
        }
        for (int axis = 0; axis < dims.length; axis++) {
            dims[axis] = dims[axis] < 0 ? Shape.DYNAMIC : dims[axis];
        }
        try {
            return new TensorSpec(name, NativeTensors.type(info), Shape.of(dims));
        } catch (IllegalArgumentException e) {
            throw new EngineException(label + ": " + what + " \"" + name + "\": " + e.getMessage(), e);
        }
    }

    /** Rank 0 in the specs, but really any: ONNX Runtime does not tell these two apart. */
    boolean isUnranked(TensorSpec spec) {
        return spec.shape().rank() == 0 && declared.isUnranked(spec.name());
    }

    /** Whether a run can write an output in place; the others are copied after it. */
    boolean isPinnable(TensorSpec output) {
        return NativeTensors.canPin(output.type()) && !declared.isGiven(output.name());
    }

    /** The specs with the shapes of {@code tensors} in place of ranks that are not known. */
    List<TensorSpec> specsFor(Map<String, Tensor> tensors) {
        List<TensorSpec> fitted = new ArrayList<>(specs);
        fitted.replaceAll(spec -> isUnranked(spec) && tensors.containsKey(spec.name())
                ? new TensorSpec(
                        spec.name(), spec.type(), tensors.get(spec.name()).shape())
                : spec);
        return fitted;
    }
}
