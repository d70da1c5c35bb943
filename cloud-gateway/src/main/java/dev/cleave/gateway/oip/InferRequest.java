package dev.cleave.gateway.oip;

import java.util.List;

/**
 * One inference, whatever it came by; hostile but for the model.
 *
 * @param outputs names of those that are wanted, in their order; empty: all
 * @param bytes that it came in
 */
public record InferRequest(
        OipModel model, List<InputTensor> inputs, List<String> outputs, Schedule schedule, long bytes) {
    public InferRequest {
        inputs = List.copyOf(inputs);
        outputs = List.copyOf(outputs);
    }

    /** The same with a deadline so far away, if its own is not nearer. */
    public InferRequest within(long remainingNanos) {
        return new InferRequest(model, inputs, outputs, schedule.within(remainingNanos), bytes);
    }
}
