package dev.cleave.edge;

import dev.cleave.bundle.Contract;
import dev.cleave.bundle.StateTensor;
import dev.cleave.edge.InferenceException.Reason;
import dev.cleave.tensor.Tensor;
import dev.cleave.tensor.TensorSpec;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What a device keeps of the state of one stream of a stateful model, that which is made before the point, between one frame's head and the next one's: zeros before the first. A frame
 * whose head was not run to its end leaves it as it was. Owned by the head worker.
 */
final class DeviceState {
    private final Contract contract;
    /** Of all inputs. */
    private final Map<String, TensorSpec> specs = new HashMap<>();
    /** By input; empty before the first frame. */
    private Map<String, Tensor> kept = new HashMap<>();

    DeviceState(Contract contract) {
        this.contract = contract;
        for (TensorSpec input : contract.inputs()) {
            specs.put(input.name(), input);
        }
    }

    /**
     * Checks that the first value of all state is known, on whichever side it is kept.
     *
     * @throws IllegalArgumentException one line that names the state
     */
    static void requireFixed(Contract contract) {
        DeviceState first = new DeviceState(contract);
        for (StateTensor state : contract.state()) {
            TensorSpec spec = first.specs.get(state.input());
            if (!spec.shape().withRows(1).isStatic()) {
                throw new IllegalArgumentException("state \"" + state.input() + "\" has shape " + spec.shape()
                        + "; expected a fixed one, so that a stream can begin with zeros");
            }
        }
    }

    /**
     * The inputs of a head, with the state that is made in it.
     *
     * @throws InferenceException {@code MALFORMED_INPUT} if the state is of another number of rows
     */
    Map<String, Tensor> with(int point, Map<String, Tensor> inputs, int rows) throws InferenceException {
        if (contract.stateBefore(point).isEmpty()) {
            return inputs;
        }
        Map<String, Tensor> live = new LinkedHashMap<>(inputs);
        for (StateTensor state : contract.stateBefore(point)) {
            TensorSpec spec = specs.get(state.input());
            TensorSpec wanted =
                    new TensorSpec(spec.name(), spec.type(), spec.shape().withRows(rows));
            Tensor tensor = kept.get(state.input());
            if (tensor == null) {
                tensor = Tensor.allocate(wanted.type(), wanted.shape());
            }
            String mismatch = wanted.mismatch(tensor);
            if (mismatch != null) {
                throw new InferenceException(Reason.MALFORMED_INPUT, "state that the frame before left: " + mismatch);
            }
            live.put(state.input(), tensor);
        }
        return live;
    }

    /** @param crossing what the head before a point gave */
    void keep(int point, Map<String, Tensor> crossing) {
        Map<String, Tensor> next = new HashMap<>();
        for (StateTensor state : contract.stateBefore(point)) {
            next.put(state.input(), crossing.get(state.output()));
        }
        kept = next;
    }
}
