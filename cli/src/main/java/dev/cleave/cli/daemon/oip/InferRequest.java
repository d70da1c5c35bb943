package dev.cleave.cli.daemon.oip;

import dev.cleave.tensor.Tensor;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * One infer request.
 *
 * @param id as the caller gave it, or null
 * @param inputs by name; whether they fit the model is not checked here
 * @param outputs those that are wanted; empty: all
 * @param binaryByDefault whether outputs that say nothing of it come back as bytes
 * @param texts further strings, numbers and truths of the request's object as they are written, by name
 */
public record InferRequest(
        String id,
        Map<String, Tensor> inputs,
        List<WantedOutput> outputs,
        boolean binaryByDefault,
        Map<String, String> texts) {
    public InferRequest {
        inputs = Collections.unmodifiableMap(new LinkedHashMap<>(inputs));
        outputs = Collections.unmodifiableList(new ArrayList<>(outputs));
        texts = Collections.unmodifiableMap(new LinkedHashMap<>(texts));
    }

    /** @param binary null if the request's default counts */
    public record WantedOutput(String name, Boolean binary) {}
}
