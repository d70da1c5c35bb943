package dev.cleave.edge;

import dev.cleave.edge.events.Answer;
import dev.cleave.edge.events.Decision;
import dev.cleave.edge.events.Fallback;
import dev.cleave.edge.events.Source;
import dev.cleave.edge.events.Waterfall;
import dev.cleave.tensor.Tensor;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * An answer.
 *
 * @param outputs every output of the model in its order; the receiver's
 * @param labels for each row the label of the first output's largest element, or of the index that it is; empty if the
 *     bundle has no labels or they do not fit that output
 * @param splitPoint at which it was answered: 0 CLOUD, 1..k SPLIT, k+1 LOCAL
 * @param wireBytes encoded boundary that was sent, also when the answer was then made LOCAL; 0 if nothing left
 * @param batchSize rows in the batch that the tail ran in; the request's own for LOCAL
 * @param deadlineMet false if it was ready only just after its deadline
 * @param decision where the request was to be cut, and why
 * @param fallback why the device finished although the gateway was chosen, or null
 * @param stateReset of a stream's frame: whether it is the first answer since the state at the gateway began anew, with zeros; what came
 *     before is forgotten
 */
public record InferenceResult(
        Map<String, Tensor> outputs,
        List<String> labels,
        Source source,
        int splitPoint,
        Waterfall waterfall,
        long wireBytes,
        int batchSize,
        boolean deadlineMet,
        Decision decision,
        Fallback fallback,
        boolean stateReset) {
    public InferenceResult {
        outputs = Collections.unmodifiableMap(new LinkedHashMap<>(outputs));
        labels = Collections.unmodifiableList(new ArrayList<>(labels));
    }

    /** What listeners are told of it. */
    Answer answer() {
        return new Answer(source, splitPoint, waterfall, wireBytes, deadlineMet, fallback);
    }
}
