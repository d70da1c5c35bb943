package dev.cleave.engine.tflite.jvm;

import dev.cleave.engine.Engine;
import dev.cleave.engine.EngineException;
import dev.cleave.engine.GraphFormat;
import dev.cleave.engine.GraphSource;
import dev.cleave.engine.Session;
import dev.cleave.engine.SessionOptions;
import dev.cleave.engine.tflite.InterpreterSession;
import dev.cleave.engine.tflite.TfLiteGraph;
import dev.cleave.tensor.ElementType;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/**
 * {@link Engine} over TensorFlow Lite's C++ interpreter. Made by {@link TfLiteJvmProvider}; thread-safe.
 *
 * <p>The CPU runs what XNNPACK has kernels for with these, the rest with TensorFlow Lite's own;
 * {@code SessionOptions.optimized() == false} leaves XNNPACK out. There are no other delegates.
 */
public final class TfLiteJvmEngine implements Engine {
    static final String NAME = "tflite";

    private static final String CPU = "cpu";
    private static final Set<ElementType> TYPES = EnumSet.allOf(ElementType.class);

    private final String version;

    TfLiteJvmEngine(String version) {
        this.version = version;
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public String version() {
        return version;
    }

    @Override
    public GraphFormat format() {
        return GraphFormat.TFLITE;
    }

    @Override
    public Session load(GraphSource source, SessionOptions options) throws EngineException {
        TfLiteGraph graph = TfLiteGraph.read(source, TYPES);
        List<String> refused = new ArrayList<>();
        for (String provider : options.providers()) {
            if (provider.equals(CPU)) {
                break;
            }
            refused.add(provider + ": no delegate of TensorFlow Lite on a JVM; expected cpu, which has XNNPACK");
        }
        NativeModel model = NativeModel.load(source, graph, options);
        return InterpreterSession.open(source.label(), graph, model, CPU, refused);
    }

    @Override
    public void close() {
        // Sessions own all that is native.
    }
}
