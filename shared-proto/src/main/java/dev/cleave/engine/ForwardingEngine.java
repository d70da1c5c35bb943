package dev.cleave.engine;

import dev.cleave.tensor.Tensor;
import java.util.List;
import java.util.Map;

/** An engine that leaves everything to another one: the base of those that change one thing of it. Owns the other one. */
public abstract class ForwardingEngine implements Engine {
    private final Engine engine;

    protected ForwardingEngine(Engine engine) {
        this.engine = engine;
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
    public GraphFormat format() {
        return engine.format();
    }

    @Override
    public String unavailableReason(String provider) {
        return engine.unavailableReason(provider);
    }

    @Override
    public Session load(GraphSource graph, SessionOptions options) throws EngineException {
        return engine.load(graph, options);
    }

    @Override
    public List<List<OperatorTime>> profile(
            GraphSource graph, SessionOptions options, Map<String, Tensor> inputs, int runs) throws EngineException {
        return engine.profile(graph, options, inputs, runs);
    }

    @Override
    public void close() {
        engine.close();
    }
}
