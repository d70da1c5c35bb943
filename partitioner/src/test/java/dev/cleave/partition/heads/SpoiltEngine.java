package dev.cleave.partition.heads;

import dev.cleave.engine.Engine;
import dev.cleave.engine.EngineException;
import dev.cleave.engine.Engines;
import dev.cleave.engine.GraphFormat;
import dev.cleave.engine.GraphSource;
import dev.cleave.engine.Session;
import dev.cleave.engine.SessionOptions;
import dev.cleave.tensor.ElementType;
import dev.cleave.tensor.Tensor;
import dev.cleave.tensor.TensorSpec;
import java.nio.FloatBuffer;
import java.util.List;
import java.util.Map;

/** TensorFlow Lite, but for one segment: its floats come out with the other sign, or it is not taken at all. One thread. */
public final class SpoiltEngine implements Engine {
    private final Engine real;
    private final String segment;
    private final boolean isRefused;

    private SpoiltEngine(String segment, boolean isRefused) throws EngineException {
        this.real = Engines.create("tflite");
        this.segment = segment;
        this.isRefused = isRefused;
    }

    /** @param segment {@code segment-1} */
    public static SpoiltEngine negating(String segment) throws EngineException {
        return new SpoiltEngine(segment, false);
    }

    public static SpoiltEngine refusing(String segment) throws EngineException {
        return new SpoiltEngine(segment, true);
    }

    @Override
    public String name() {
        return real.name();
    }

    @Override
    public String version() {
        return real.version();
    }

    @Override
    public GraphFormat format() {
        return real.format();
    }

    @Override
    public Session load(GraphSource graph, SessionOptions options) throws EngineException {
        boolean isSpoilt = graph.label().endsWith(segment + ".tflite");
        if (isSpoilt && isRefused) {
            throw new EngineException(graph.label() + ": refused; expected another");
        }
        Session session = real.load(graph, options);
        return isSpoilt ? new Negated(session) : session;
    }

    @Override
    public void close() {
        real.close();
    }

    private record Negated(Session session) implements Session {
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
            Map<String, Tensor> made = session.run(inputs, pinned, timeoutNanos);
            for (Tensor tensor : made.values()) {
                if (tensor.type() == ElementType.FLOAT32) {
                    FloatBuffer values = tensor.data().asFloatBuffer();
                    for (int i = 0; i < values.limit(); i++) {
                        values.put(i, -values.get(i));
                    }
                }
            }
            return made;
        }

        @Override
        public void close() {
            session.close();
        }
    }
}
