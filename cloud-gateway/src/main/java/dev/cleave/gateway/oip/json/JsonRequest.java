package dev.cleave.gateway.oip.json;

import dev.cleave.gateway.oip.InputTensor;
import dev.cleave.gateway.oip.Schedule;
import java.util.List;

/**
 * An infer request in a body, as far as it is known without a model.
 *
 * @param id as the caller gave it, or null
 * @param outputs those that are wanted; empty: all
 * @param binaryByDefault whether outputs that say nothing of it come back as bytes
 */
public record JsonRequest(
        String id, List<InputTensor> inputs, List<WantedOutput> outputs, boolean binaryByDefault, Schedule schedule) {
    public JsonRequest {
        inputs = List.copyOf(inputs);
        outputs = List.copyOf(outputs);
    }

    /** @param binary null if the request's default counts */
    public record WantedOutput(String name, Boolean binary) {}

    /** Names of the outputs that are wanted, in their order. */
    public List<String> outputNames() {
        return outputs.stream().map(WantedOutput::name).toList();
    }

    /** Whether an output comes back as bytes. */
    public boolean isBinary(String output) {
        for (WantedOutput wanted : outputs) {
            if (wanted.name().equals(output) && wanted.binary() != null) {
                return wanted.binary();
            }
        }
        return binaryByDefault;
    }

    /** The same without the inputs, which hold the body. */
    public JsonRequest withoutInputs() {
        return new JsonRequest(id, List.of(), outputs, binaryByDefault, schedule);
    }
}
