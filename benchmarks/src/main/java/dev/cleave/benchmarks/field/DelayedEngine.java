package dev.cleave.benchmarks.field;

import dev.cleave.engine.Engine;
import dev.cleave.engine.EngineException;
import dev.cleave.engine.GraphSource;
import dev.cleave.engine.OperatorTime;
import dev.cleave.engine.Session;
import dev.cleave.engine.SessionOptions;
import dev.cleave.tensor.Tensor;
import dev.cleave.tensor.TensorSpec;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.LongUnaryOperator;

/**
 * An engine whose runs take longer than they would: a slower device, or one that hangs. Runs have one thread. Does not own the
 * other engine.
 */
final class DelayedEngine implements Engine {
    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

    private final Engine engine;
    private final LongUnaryOperator delay;

    /** @param delay nanoseconds to wait after a run, given those that it had the processor */
    DelayedEngine(Engine engine, LongUnaryOperator delay) {
        this.engine = engine;
        this.delay = delay;
    }

    /** Every run takes so many times as long. What else goes on in this machine delays it, but not so many times as much. */
    static DelayedEngine slowedDown(Engine engine, double factor) {
        return new DelayedEngine(engine, busy -> Math.round((factor - 1) * busy));
    }

    @Override
    public String name() {
        return engine.name();
    }

    @Override
    public String version() {
        return engine.version();
    }

    @Override
    public Session load(GraphSource graph, SessionOptions options) throws EngineException {
        return new DelayedSession(engine.load(graph, options));
    }

    @Override
    public List<List<OperatorTime>> profile(
            GraphSource graph, SessionOptions options, Map<String, Tensor> inputs, int runs) throws EngineException {
        return engine.profile(graph, options, inputs, runs);
    }

    @Override
    public void close() {}

    private final class DelayedSession implements Session {
        private final Session session;

        DelayedSession(Session session) {
            this.session = session;
        }

        @Override
        public List<TensorSpec> inputs() {
            return session.inputs();
        }

        @Override
        public List<TensorSpec> outputs() {
            return session.outputs();
        }

        @Override
        public String provider() {
            return session.provider();
        }

        @Override
        public List<String> refusedProviders() {
            return session.refusedProviders();
        }

        @Override
        public Map<String, Tensor> run(Map<String, Tensor> inputs, Map<String, Tensor> pinned, long timeoutNanos)
                throws EngineException {
            long before = THREADS.getCurrentThreadCpuTime();
            Map<String, Tensor> outputs = session.run(inputs, pinned, timeoutNanos);
            try {
                TimeUnit.NANOSECONDS.sleep(delay.applyAsLong(THREADS.getCurrentThreadCpuTime() - before));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new EngineException("interrupted", e);
            }
            return outputs;
        }

        @Override
        public void recycle(String output, Tensor tensor) {
            session.recycle(output, tensor);
        }

        @Override
        public void close() {
            session.close();
        }
    }
}
