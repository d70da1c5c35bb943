package dev.cleave.engine.tflite.android;

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
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/**
 * {@link Engine} over TensorFlow Lite's Java interface. Made by {@link TfLiteProvider}; thread-safe.
 *
 * <p>Wanted delegates are tried in order ({@link AcceleratorDelegate}); whichever fails, be it only when it sees the graph, is
 * refused with its reason. The last resort is the CPU: XNNPACK, or TensorFlow Lite's own kernels where the library has no
 * XNNPACK or {@code SessionOptions.optimized()} is false.
 */
public final class TfLiteEngine implements Engine {
    static final String NAME = "tflite";

    private static final String CPU = "cpu";

    /** What {@code org.tensorflow.lite.DataType} has, without strings. */
    private static final Set<ElementType> TYPES = Collections.unmodifiableSet(EnumSet.of(
            ElementType.FLOAT32,
            ElementType.INT32,
            ElementType.UINT8,
            ElementType.INT64,
            ElementType.BOOL,
            ElementType.INT16,
            ElementType.INT8));

    private final String version;

    TfLiteEngine(String version) {
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
        for (String wanted : options.providers()) {
            if (wanted.equals(CPU)) {
                break;
            }
            try {
                AcceleratorDelegate delegate = AcceleratorDelegate.named(wanted);
                AndroidModel model = new AndroidModel(source, graph, options, delegate);
                return InterpreterSession.open(source.label(), graph, model, wanted, refused);
            } catch (EngineException e) {
                refused.add(wanted + ": " + e.getMessage());
            }
        }
        AndroidModel model = new AndroidModel(source, graph, options, null);
        return InterpreterSession.open(source.label(), graph, model, CPU, refused);
    }

    @Override
    public void close() {
        // Sessions own all that is native.
    }
}
