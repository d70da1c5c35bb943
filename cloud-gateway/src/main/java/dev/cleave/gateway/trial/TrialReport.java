package dev.cleave.gateway.trial;

import dev.cleave.tensor.TensorSpec;
import java.util.List;

/**
 * What a trial has shown of a model.
 *
 * @param inputs in the graph's order; {@code BATCH} on axis 0 of each if rows are independent
 * @param outputs in the graph's order, as they came out where the graph does not declare them; {@code BATCH} as well
 * @param notBatched why requests cannot be joined; empty if they can
 * @param memory that a run took
 */
public record TrialReport(List<TensorSpec> inputs, List<TensorSpec> outputs, String notBatched, RunMemory memory) {
    public TrialReport {
        inputs = List.copyOf(inputs);
        outputs = List.copyOf(outputs);
    }

    /** Whether rows of several requests may share a run. */
    public boolean isBatched() {
        return notBatched.isEmpty();
    }
}
