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
    private final long maxBytes;

    /** @param maxBytes of the inputs of a run: a bundle may say what it likes of its shapes */
    WarmUp(Tail tail, long limitNanos, long maxBytes) {
        this.tail = tail;
        this.limitNanos = limitNanos;
        this.maxBytes = maxBytes;
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
            long bytes = bytes(specs, rows);
            if (bytes > maxBytes) {
                notes.add("no warm-up of " + rows + " rows: its inputs take "
                        + (bytes == Long.MAX_VALUE ? "more than any memory has" : bytes + " bytes")
                        + "; expected at most " + maxBytes);
                continue;
            }
            try {
                tail.run(point.index(), zeros(specs, rows), limitNanos);
            } catch (EngineException | IllegalArgumentException e) {
                notes.add("warm-up of " + rows + " rows failed: " + e.getMessage());
            }
        }
        return notes;
    }

    /** {@code Long.MAX_VALUE} if that overflows. */
    private static long bytes(List<TensorSpec> specs, int rows) {
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

    private static Map<String, Tensor> zeros(List<TensorSpec> specs, int rows) {
        Map<String, Tensor> zeros = new HashMap<>();
        for (TensorSpec spec : specs) {
            Shape shape = spec.shape().withRows(rows);
            zeros.put(spec.name(), Tensor.allocate(spec.type(), shape));
        }
        return zeros;
    }
}
