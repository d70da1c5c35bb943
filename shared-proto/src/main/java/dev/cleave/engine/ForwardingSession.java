package dev.cleave.engine;

import dev.cleave.tensor.Tensor;
import dev.cleave.tensor.TensorSpec;
import java.util.List;
import java.util.Map;

/**
 * A session that leaves everything to another one: the base of those that change one thing of it. Owns the other one. Every run, the
 * shorter form's too, goes through {@link #run(Map, Map, long)}.
 */
public abstract class ForwardingSession implements Session {
    private final Session session;

    protected ForwardingSession(Session session) {
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
        return session.run(inputs, pinned, timeoutNanos);
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
