package dev.cleave.gateway.model;

import dev.cleave.engine.Engine;
import dev.cleave.engine.EngineException;
import dev.cleave.engine.GraphSource;
import dev.cleave.engine.Session;
import dev.cleave.engine.SessionOptions;
import dev.cleave.tensor.Tensor;
import dev.cleave.tensor.TensorSpec;
import java.util.List;
import java.util.Map;

/** An engine whose sessions say that they run on some execution provider. */
record NamedProvider(Engine engine, String provider) implements Engine {
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
        return new NamedSession(engine.load(graph, options), provider);
    }

    @Override
    public void close() {
        engine.close();
    }

    private record NamedSession(Session session, String provider) implements Session {
        @Override
        public List<TensorSpec> inputs() {
            return session.inputs();
        }

        @Override
        public List<TensorSpec> outputs() {
            return session.outputs();
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
        public void close() {
            session.close();
        }
    }
}
