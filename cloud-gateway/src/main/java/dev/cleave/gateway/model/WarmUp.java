package dev.cleave.gateway.model;

import dev.cleave.bundle.Contract;
import dev.cleave.bundle.LadderPoint;
import dev.cleave.engine.EngineException;
import dev.cleave.gateway.exec.Tail;
import dev.cleave.tensor.Shape;
import dev.cleave.tensor.Tensor;
import dev.cleave.tensor.TensorSpec;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;

/**
 * First runs of a model, on zeros, so that no request pays for lazy allocation and kernel selection.
 */
final class WarmUp {
    private final Tail tail;
    private final long limitNanos;

    WarmUp(Tail tail, long limitNanos) {
        this.tail = tail;
        this.limitNanos = limitNanos;
    }

    /**
     * Runs each batch size once, the smallest first.
     *
     * @return what was skipped or failed, one line each. Zeros are no legal input of some models, so a failure here
     *     does not condemn one
     */
    List<String> run(Contract contract, LadderPoint point, SortedSet<Integer> sizes) {
        List<String> notes = new ArrayList<>();
        List<TensorSpec> specs = new ArrayList<>(point.specs());
        contract.stateAfter(point.index()).forEach(state -> specs.add(contract.input(state.input())));
        for (TensorSpec spec : specs) {
            if (!spec.shape().withRows(1).isStatic()) {
                return List.of("no warm-up: input \"" + spec.name() + "\" has the open shape " + spec.shape());
            }
        }
        for (int rows : point.isBatched() ? sizes : List.of(1)) {
            try {
                tail.run(point.index(), zeros(specs, rows), limitNanos);
            } catch (EngineException | IllegalArgumentException e) {
                notes.add("warm-up of " + rows + " rows failed: " + e.getMessage());
            }
        }
        return notes;
    }

    private static Map<String, Tensor> zeros(List<TensorSpec> specs, int rows) {
        Map<String, Tensor> zeros = new HashMap<>();
        for (TensorSpec spec : specs) {
            Shape shape = spec.shape().withRows(rows);
            zeros.put(spec.name(), Tensor.allocate(spec.type(), shape));
        }
        return zeros;
    }
}
