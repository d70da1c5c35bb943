package dev.cleave.segment;

import dev.cleave.bundle.Bundle;
import dev.cleave.engine.Engine;
import dev.cleave.engine.EngineException;
import dev.cleave.engine.SessionOptions;
import dev.cleave.tensor.Tensor;
import java.io.IOException;
import java.util.Map;

/**
 * Consecutive segments of a bundle, one session each, run one after another: one copy of the weights for every split
 * point. Owns its sessions; thread-safe as sessions are.
 *
 * <p>A segment's graph lists only what it reads. What crosses it unread (pass-through tensors, early outputs) is
 * carried here, per run.
 */
public final class SegmentChain implements AutoCloseable {
    private SegmentChain() {}

    /**
     * Loads segments {@code from .. to-1}.
     *
     * @param from 0..k
     * @param to 1..k+1
     */
    public static SegmentChain load(
            Bundle bundle, Engine engine, SessionOptions options, String precision, int from, int to)
            throws EngineException, IOException {
        throw new UnsupportedOperationException();
    }

    public int from() {
        throw new UnsupportedOperationException();
    }

    public int to() {
        throw new UnsupportedOperationException();
    }

    /**
     * Runs from one point to another.
     *
     * @param live the boundary of point {@code from} (for 0 the model's inputs), outputs made earlier allowed beside it
     * @param timeoutNanos for all segments together; 0 for no limit
     * @return the boundary of point {@code to} and every model output made so far; for k+1 exactly the outputs
     *     that are known
     */
    public Map<String, Tensor> run(int from, int to, Map<String, Tensor> live, long timeoutNanos)
            throws EngineException {
        throw new UnsupportedOperationException();
    }

    @Override
    public void close() {
        throw new UnsupportedOperationException();
    }
}
