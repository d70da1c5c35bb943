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
 * The state of one stream of a stateful model, on the device, between one frame's head and the next one's: zeros before the first. A frame
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

    /** Whether a point has all state before it, where the device keeps it. True without state. */
    static boolean isBefore(Contract contract, int point) {
        for (StateTensor state : contract.state()) {
            boolean made = point == contract.local()
                    || contract.points().get(point).earlyOutputs().contains(state.output());
            if (!made) {
                return false;
            }
        }
        return true;
    }

    /**
     * Checks that a device can keep all state: its first value is known, and some point that the view reaches has it all before it.
     *
     * @param through the last point that the view's segments reach
     * @throws IllegalArgumentException one line that names the state
     */
    static void requireKept(Contract contract, int through) {
        DeviceState first = new DeviceState(contract);
        for (StateTensor state : contract.state()) {
            TensorSpec spec = first.specs.get(state.input());
            if (!spec.shape().withRows(1).isStatic()) {
                throw new IllegalArgumentException("state \"" + state.input() + "\" has shape " + spec.shape()
                        + "; expected a fixed one, so that a stream can begin with zeros");
            }
        }
        if (!isBefore(contract, through)) { // then it is before no point up to there
            throw new IllegalArgumentException("state \""
                    + contract.state().get(0).input() + "\" is made after point " + through
                    + ", where this view of the bundle ends; expected a view that makes all state on the device");
        }
    }

    /** @throws InferenceException {@code MALFORMED_INPUT} if the state is of another number of rows */
    Map<String, Tensor> with(Map<String, Tensor> inputs, int rows) throws InferenceException {
        if (contract.state().isEmpty()) {
            return inputs;
        }
        Map<String, Tensor> live = new LinkedHashMap<>(inputs);
        for (StateTensor state : contract.state()) {
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

    /** @param crossing what a head that has all state in it gave */
    void keep(Map<String, Tensor> crossing) {
        Map<String, Tensor> next = new HashMap<>();
        for (StateTensor state : contract.state()) {
            next.put(state.input(), crossing.get(state.output()));
        }
        kept = next;
    }
}
