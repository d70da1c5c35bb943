package dev.cleave.gateway.trial;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cleave.engine.Engine;
import dev.cleave.engine.EngineException;
import java.io.IOException;

/**
 * What a child is told to do: to load something on an engine and to run it. One line of JSON, written by the gateway alone; a report
 * comes back as another.
 *
 * @param <R> the report
 */
sealed interface TrialJob<R> permits ModelJob, FormJob {
    /** The same for every trial, so that it says the same of the same model. */
    long SEED = 1;

    ObjectMapper JSON = new ObjectMapper();

    /** Name by which the child finds the engine. */
    String engine();

    /** As one line. */
    default String write() {
        ObjectNode line = JSON.createObjectNode();
        describe(line);
        return line.put("engine", engine()).toString();
    }

    /** Adds what there is to say but the engine. */
    void describe(ObjectNode line);

    static TrialJob<?> read(String line) throws IOException {
        JsonNode root = JSON.readTree(line);
        if (root.has("forms")) {
            return FormJob.of(root);
        }
        return root.has("bundle") ? BundleJob.of(root) : PlainJob.of(root);
    }

    /**
     * Does it.
     *
     * @param limitNanos of each run; 0 for none
     * @param memory for a graph that is read whole
     * @param watch what a run takes
     * @throws EngineException if it cannot be loaded, or does not end in time
     * @throws IOException if files cannot be read
     */
    R run(Engine on, long limitNanos, GraphMemory memory, MemoryWatch watch) throws EngineException, IOException;

    /** A report as one line of JSON. */
    String write(R report);

    /** @throws IOException if it is no report of this job; the message says what was expected */
    R read(JsonNode answer) throws IOException;
}
