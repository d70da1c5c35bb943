package dev.cleave.benchmarks.batch;

import dev.cleave.engine.Engine;
import dev.cleave.engine.EngineException;
import dev.cleave.engine.ForwardingEngine;
import dev.cleave.engine.ForwardingSession;
import dev.cleave.engine.GraphSource;
import dev.cleave.engine.Session;
import dev.cleave.engine.SessionOptions;
import dev.cleave.tensor.Tensor;
import java.util.LongSummaryStatistics;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;
import java.util.function.ToIntFunction;

/**
 * An engine whose runs take a fixed time and another for each row, so many times as a graph has parts, as a device's do that works beside this processor; it counts runs and rows by graph. Does not own
 * the other engine.
 */
public final class DeclaredCost extends ForwardingEngine {
    private final long runNanos;
    private final long rowNanos;
    private final ToIntFunction<String> parts;
    private final Map<String, LongSummaryStatistics> rowsByGraph = new ConcurrentHashMap<>();

    public DeclaredCost(Engine engine, long runNanos, long rowNanos) {
        this(engine, runNanos, rowNanos, graph -> 1);
    }

    /** @param parts of the graph with a label: what takes that many times the cost */
    public DeclaredCost(Engine engine, long runNanos, long rowNanos, ToIntFunction<String> parts) {
        super(engine);
        this.parts = parts;
        this.runNanos = runNanos;
        this.rowNanos = rowNanos;
    }

    @Override
    public Session load(GraphSource graph, SessionOptions options) throws EngineException {
        return new CostedSession(graph.label(), super.load(graph, options));
    }

    /** Rows of each run so far of the graphs whose labels hold that. */
    public LongSummaryStatistics rows(String part) {
        LongSummaryStatistics all = new LongSummaryStatistics();
        rowsByGraph.forEach((name, rows) -> {
            if (name.contains(part)) {
                synchronized (rows) {
                    all.combine(rows);
                }
            }
        });
        return all;
    }

    /** Begins to count anew. */
    public void forget() {
        rowsByGraph.clear();
    }

    @Override
    public void close() {}

    private final class CostedSession extends ForwardingSession {
        private final String graph;

        CostedSession(String graph, Session session) {
            super(session);
            this.graph = graph;
        }

        @Override
        public Map<String, Tensor> run(Map<String, Tensor> inputs, Map<String, Tensor> pinned, long timeoutNanos)
                throws EngineException {
            int times = parts.applyAsInt(graph);
            long end = System.nanoTime() + times * runNanos;
            long rows = inputs.values().iterator().next().shape().dim(0);
            LongSummaryStatistics counted = rowsByGraph.computeIfAbsent(graph, any -> new LongSummaryStatistics());
            synchronized (counted) {
                counted.accept(rows);
            }
            Map<String, Tensor> outputs = super.run(inputs, pinned, timeoutNanos);
            end += times * rows * rowNanos;
            long left = end - System.nanoTime();
            while (left > 0) {
                LockSupport.parkNanos(left);
                left = end - System.nanoTime();
            }
            return outputs;
        }
    }
}
