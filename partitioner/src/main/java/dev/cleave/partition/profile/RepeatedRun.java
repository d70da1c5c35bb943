package dev.cleave.partition.profile;

import dev.cleave.engine.EngineException;
import dev.cleave.engine.Session;
import dev.cleave.tensor.Tensor;
import dev.cleave.tensor.TensorSpec;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.LongSupplier;

/**
 * One session on the same inputs again and again, its outputs written to the same place. The session stays the caller's.
 * One thread.
 */
final class RepeatedRun {
    private static final long NO_LIMIT = 0;

    private final Session session;
    private final Map<String, Tensor> inputs = new LinkedHashMap<>();
    private final Map<String, Tensor> outputs;
    private Map<String, Tensor> pinned;

    /**
     * Runs once, so that the outputs are there.
     *
     * @param values a tensor for every input of the session, others beside them
     */
    RepeatedRun(Session session, Map<String, Tensor> values) throws EngineException {
        this.session = session;
        for (TensorSpec input : session.inputs()) {
            if (values.containsKey(input.name())) {
                inputs.put(input.name(), values.get(input.name()));
            }
        }
        this.outputs = session.run(inputs);
        this.pinned = outputs;
    }

    /** What the last run made. */
    Map<String, Tensor> outputs() {
        return outputs;
    }

    /** Runs, and tells how long it took. */
    long nanos(LongSupplier nanoTime) throws EngineException {
        long start = nanoTime.getAsLong();
        try {
            session.run(inputs, pinned, NO_LIMIT);
        } catch (EngineException refused) {
            if (pinned.isEmpty()) {
                throw refused;
            }
            // A network that draws random numbers may make outputs of another shape each time.
            pinned = Map.of();
            return nanos(nanoTime);
        }
        return nanoTime.getAsLong() - start;
    }
}
