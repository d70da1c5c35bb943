package dev.cleave.partition.profile;

import dev.cleave.engine.EngineException;
import dev.cleave.engine.Engines;
import dev.cleave.engine.ForwardingEngine;
import dev.cleave.engine.ForwardingSession;
import dev.cleave.engine.GraphSource;
import dev.cleave.engine.OperatorTime;
import dev.cleave.engine.Session;
import dev.cleave.engine.SessionOptions;
import dev.cleave.onnx.GraphProto;
import dev.cleave.onnx.ModelProto;
import dev.cleave.tensor.Tensor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;

/**
 * A real engine on a clock of its own: a run takes as many milliseconds as its graph has nodes, or what else the test
 * says, times the rows. Cannot profile. One thread.
 */
public final class ClockedEngine extends ForwardingEngine {
    /** One run: graph name and outputs, {@code head[r1]}; and what it made. */
    public record Run(String what, Map<String, Tensor> outputs) {}

    /** How slow the machine is at a run, by the number of runs before it. */
    public interface Slowdown {
        double at(int run);
    }

    /** How long a graph takes, for one row. */
    public interface Cost {
        double millis(GraphProto graph);
    }

    private static final long NANOS_PER_MILLI = 1_000_000;

    private final Cost cost;
    private final Slowdown slowdown;
    private final List<Run> runs = new ArrayList<>();
    private long nanos;
    private int open;
    private int mostOpen;

    public ClockedEngine(Slowdown slowdown) throws EngineException {
        this(GraphProto::getNodeCount, slowdown);
    }

    public static ClockedEngine costing(Cost cost) throws EngineException {
        return new ClockedEngine(cost, run -> 1);
    }

    private ClockedEngine(Cost cost, Slowdown slowdown) throws EngineException {
        super(Engines.create("onnxruntime"));
        this.cost = cost;
        this.slowdown = slowdown;
    }

    public LongSupplier clock() {
        return () -> nanos;
    }

    public List<Run> runs() {
        return runs;
    }

    public int openSessions() {
        return open;
    }

    public int mostOpenSessions() {
        return mostOpen;
    }

    @Override
    public String name() {
        return "clocked";
    }

    @Override
    public String version() {
        return "1";
    }

    @Override
    public Session load(GraphSource graph, SessionOptions options) throws EngineException {
        Session session = super.load(graph, options);
        mostOpen = Math.max(mostOpen, ++open);
        return new ClockedSession(session, parse(graph));
    }

    @Override
    public List<List<OperatorTime>> profile(
            GraphSource graph, SessionOptions options, Map<String, Tensor> inputs, int runs) throws EngineException {
        throw new EngineException(graph.label() + ": engine " + name() + " does not tell the times of operators");
    }

    /** What a graph was made from. */
    public static ModelProto parse(GraphSource graph) {
        try {
            return ModelProto.parseFrom(graph.graph());
        } catch (IOException malformed) {
            throw new UncheckedIOException(malformed);
        }
    }

    private final class ClockedSession extends ForwardingSession {
        private final ModelProto model;

        ClockedSession(Session session, ModelProto model) {
            super(session);
            this.model = model;
        }

        @Override
        public Map<String, Tensor> run(Map<String, Tensor> inputs, Map<String, Tensor> pinned, long timeoutNanos)
                throws EngineException {
            Map<String, Tensor> outputs = super.run(inputs, pinned, timeoutNanos);
            long rows = inputs.values().iterator().next().shape().dim(0);
            double millis = cost.millis(model.getGraph()) * rows * slowdown.at(runs.size());
            nanos += Math.round(millis * NANOS_PER_MILLI);
            runs.add(new Run(model.getGraph().getName() + outputs.keySet(), outputs));
            return outputs;
        }

        @Override
        public void close() {
            open--;
            super.close();
        }
    }
}
