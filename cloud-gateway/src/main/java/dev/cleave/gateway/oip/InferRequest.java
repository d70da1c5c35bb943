package dev.cleave.gateway.oip;

import java.util.List;

/**
 * One inference, whatever it came by; hostile.
 *
 * @param model as the protocol calls it
 * @param version a version or a label; empty: whichever is served when it is put in line
 * @param outputs names of those that are wanted, in their order; empty: all
 * @param bytes that it came in
 */
public record InferRequest(
        String model, String version, List<InputTensor> inputs, List<String> outputs, Schedule schedule, long bytes) {
    public InferRequest {
        inputs = List.copyOf(inputs);
        outputs = List.copyOf(outputs);
    }

    /** The same with a deadline so far away, if its own is not nearer. */
    public InferRequest within(long remainingNanos) {
        return new InferRequest(model, version, inputs, outputs, schedule.within(remainingNanos), bytes);
    }
}
