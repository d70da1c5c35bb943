package dev.cleave.partition.roundtrip;

import dev.cleave.bundle.Contract;
import dev.cleave.bundle.StateTensor;
import dev.cleave.tensor.Tensor;
import dev.cleave.tensor.TensorSpec;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Some of a model's state on its way through samples, as one way of running the model has it: zeros at first. So what that way loses adds up
 * as it would in a stream.
 */
public final class CarriedState {
    private final List<StateTensor> carried;
    private final Map<String, Tensor> now = new HashMap<>();

    /** @param carried of the contract's; may be empty */
    public CarriedState(Contract contract, List<StateTensor> carried) {
        this.carried = carried;
        for (StateTensor state : carried) {
            TensorSpec spec = contract.input(state.input());
            now.put(state.input(), Tensor.allocate(spec.type(), spec.shape().withRows(1)));
        }
    }

    /** Whether there is none. */
    public boolean isEmpty() {
        return carried.isEmpty();
    }

    /** All of it. */
    public static CarriedState all(Contract contract) {
        return new CarriedState(contract, contract.state());
    }

    /** Tensors, and the state as it is now in place of any among them. */
    public Map<String, Tensor> with(Map<String, Tensor> tensors) {
        if (carried.isEmpty()) {
            return tensors;
        }
        Map<String, Tensor> live = new LinkedHashMap<>(tensors);
        live.putAll(now);
        return live;
    }

    /** A sample was run. */
    public void keep(Map<String, Tensor> made) {
        for (StateTensor state : carried) {
            now.put(state.input(), made.get(state.output()));
        }
    }
}
