package dev.cleave.benchmarks.batch;

import dev.cleave.engine.Engine;
import dev.cleave.engine.EngineException;
import dev.cleave.engine.ForwardingEngine;
import dev.cleave.engine.ForwardingSession;
import dev.cleave.engine.GraphSource;
import dev.cleave.engine.Session;
import dev.cleave.engine.SessionOptions;
import dev.cleave.tensor.Tensor;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;

/** An engine whose runs take a fixed time and another for each row, as a device's do that works beside this processor. Does not own the other engine. */
public final class DeclaredCost extends ForwardingEngine {
    private final long runNanos;
    private final long rowNanos;

    public DeclaredCost(Engine engine, long runNanos, long rowNanos) {
        super(engine);
        this.runNanos = runNanos;
        this.rowNanos = rowNanos;
    }

    @Override
    public Session load(GraphSource graph, SessionOptions options) throws EngineException {
        return new CostedSession(super.load(graph, options));
    }

    @Override
    public void close() {}

    private final class CostedSession extends ForwardingSession {
        CostedSession(Session session) {
            super(session);
        }

        @Override
        public Map<String, Tensor> run(Map<String, Tensor> inputs, Map<String, Tensor> pinned, long timeoutNanos)
                throws EngineException {
            long end = System.nanoTime() + runNanos;
            long rows = inputs.values().iterator().next().shape().dim(0);
            Map<String, Tensor> outputs = super.run(inputs, pinned, timeoutNanos);
            end += rows * rowNanos;
            long left = end - System.nanoTime();
            while (left > 0) {
                LockSupport.parkNanos(left);
                left = end - System.nanoTime();
            }
            return outputs;
        }
    }
}
