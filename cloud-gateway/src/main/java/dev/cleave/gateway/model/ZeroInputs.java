package dev.cleave.gateway.model;

import dev.cleave.bundle.Contract;
import dev.cleave.bundle.LadderPoint;
import dev.cleave.tensor.Tensor;
import dev.cleave.tensor.TensorSpec;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Zeros as what crosses a point, and as the state that its tail takes: for runs before the first request. Immutable.
 *
 * @param specs of all that the point's tail reads
 */
record ZeroInputs(List<TensorSpec> specs) {
    ZeroInputs {
        specs = List.copyOf(specs);
    }

    static ZeroInputs of(Contract contract, LadderPoint point) {
        List<TensorSpec> specs = new ArrayList<>(point.specs());
        contract.stateAfter(point.index()).forEach(state -> specs.add(contract.input(state.input())));
        return new ZeroInputs(specs);
    }

    /** An input of which one row has no fixed size, so that there are no zeros for it; null if there is none. */
    TensorSpec open() {
        return specs.stream()
                .filter(spec -> !spec.shape().withRows(1).isStatic())
                .findFirst()
                .orElse(null);
    }

    /** Of so many rows, none of them open; {@code Long.MAX_VALUE} if that overflows: a bundle may say what it likes of its shapes. */
    long bytes(int rows) {
        long bytes = 0;
        try {
            for (TensorSpec spec : specs) {
                long elements = spec.shape().withRows(rows).elements();
                bytes = Math.addExact(
                        bytes, Math.multiplyExact(elements, (long) spec.type().bytes()));
            }
            return bytes;
        } catch (ArithmeticException overflow) {
            return Long.MAX_VALUE;
        }
    }

    Map<String, Tensor> rows(int rows) {
        Map<String, Tensor> zeros = new HashMap<>();
        for (TensorSpec spec : specs) {
            zeros.put(spec.name(), Tensor.allocate(spec.type(), spec.shape().withRows(rows)));
        }
        return zeros;
    }
}
