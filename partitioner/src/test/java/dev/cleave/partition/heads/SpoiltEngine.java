package dev.cleave.partition.heads;

import dev.cleave.engine.EngineException;
import dev.cleave.engine.Engines;
import dev.cleave.engine.ForwardingEngine;
import dev.cleave.engine.ForwardingSession;
import dev.cleave.engine.GraphSource;
import dev.cleave.engine.Session;
import dev.cleave.engine.SessionOptions;
import dev.cleave.tensor.ElementType;
import dev.cleave.tensor.Tensor;
import java.nio.FloatBuffer;
import java.util.Map;

/** TensorFlow Lite, but for one segment: its floats come out with the other sign, or it is not taken at all. One thread. */
public final class SpoiltEngine extends ForwardingEngine {
    private final String segment;
    private final boolean isRefused;

    private SpoiltEngine(String segment, boolean isRefused) throws EngineException {
        super(Engines.create("tflite"));
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
    public Session load(GraphSource graph, SessionOptions options) throws EngineException {
        boolean isSpoilt = graph.label().endsWith(segment + ".tflite");
        if (isSpoilt && isRefused) {
            throw new EngineException(graph.label() + ": refused; expected another");
        }
        Session session = super.load(graph, options);
        return isSpoilt ? new Negated(session) : session;
    }

    private static final class Negated extends ForwardingSession {
        Negated(Session session) {
            super(session);
        }

        @Override
        public Map<String, Tensor> run(Map<String, Tensor> inputs, Map<String, Tensor> pinned, long timeoutNanos)
                throws EngineException {
            Map<String, Tensor> made = super.run(inputs, pinned, timeoutNanos);
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
    }
}
