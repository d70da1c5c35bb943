package dev.cleave.segment;

import dev.cleave.bundle.Contract;
import dev.cleave.bundle.StateTensor;
import dev.cleave.codec.BoundaryTensor;
import dev.cleave.engine.EngineException;
import dev.cleave.tensor.Tensor;
import dev.cleave.tensor.TensorSpec;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What crosses each point of a contract between segments of one precision. Immutable. */
final class Borders {
    private final Contract contract;
    private final List<List<TensorSpec>> boundaries;

    Borders(Contract contract, String precision) {
        this.contract = contract;
        this.boundaries = new ArrayList<>();
        for (int point = 0; point < contract.local(); point++) {
            List<TensorSpec> specs = new ArrayList<>();
            for (BoundaryTensor tensor : contract.points().get(point).boundary()) {
                specs.add(spec(tensor, precision));
            }
            boundaries.add(specs);
        }
        boundaries.add(Collections.emptyList());
    }

    /** INT8 segments exchange the integer form of a tensor, where it has one, under the same name. */
    private static TensorSpec spec(BoundaryTensor tensor, String precision) {
        TensorSpec spec = tensor.spec();
        return tensor.quantized() != null && precision.equals(Contract.INT8)
                ? new TensorSpec(spec.name(), tensor.quantized().type(), spec.shape())
                : spec;
    }

    /**
     * Reduces what is known at a point to what crosses it: its boundary, then the model's outputs made so far, then state that a later
     * segment of the same side makes anew.
     *
     * @throws EngineException naming the tensor of the boundary that is missing or does not fit, and the point
     */
    Map<String, Tensor> cross(int point, Map<String, Tensor> known) throws EngineException {
        Map<String, Tensor> crossing = new LinkedHashMap<>();
        for (TensorSpec spec : boundaries.get(point)) {
            Tensor tensor = known.get(spec.name());
            String mismatch = tensor == null ? "tensor \"" + spec.name() + "\" is missing" : spec.mismatch(tensor);
            if (mismatch != null) {
                throw new EngineException("point " + point + ": " + mismatch);
            }
            crossing.put(spec.name(), tensor);
        }
        for (TensorSpec output : contract.outputs()) {
            Tensor tensor = known.get(output.name());
            if (tensor != null) {
                crossing.put(output.name(), tensor);
            }
        }
        for (StateTensor state : contract.state()) {
            Tensor tensor = known.get(state.input());
            if (tensor != null && !isMade(state, point)) {
                crossing.put(state.input(), tensor);
            }
        }
        return crossing;
    }

    private boolean isMade(StateTensor state, int point) {
        return point == contract.local()
                || contract.points().get(point).earlyOutputs().contains(state.output());
    }
}
