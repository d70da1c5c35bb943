package dev.cleave.engine.tflite.android;

import dev.cleave.engine.EngineException;
import dev.cleave.engine.GraphSource;
import dev.cleave.engine.SessionOptions;
import dev.cleave.engine.tflite.LoadedModel;
import dev.cleave.engine.tflite.TfLiteGraph;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.tensorflow.lite.Delegate;
import org.tensorflow.lite.Interpreter;

/** A graph in a direct buffer, and how to make interpreters of it; TensorFlow Lite verifies it for each. */
final class AndroidModel implements LoadedModel {
    private final TfLiteGraph graph;
    private final ByteBuffer bytes;
    private final SessionOptions options;
    private final AcceleratorDelegate accelerator;

    /** @param accelerator null for the CPU */
    AndroidModel(GraphSource source, TfLiteGraph graph, SessionOptions options, AcceleratorDelegate accelerator) {
        this.graph = graph;
        this.options = options;
        this.accelerator = accelerator;
        this.bytes = ByteBuffer.allocateDirect(source.graph().length).order(ByteOrder.nativeOrder());
        this.bytes.put(source.graph());
    }

    @Override
    public JavaInterpreter newInterpreter() throws EngineException {
        if (accelerator == null && options.optimized()) {
            try {
                return interpreter(true, null);
            } catch (EngineException noXnnpack) {
                // The library may be built without it.
                return interpreter(false, null);
            }
        }
        boolean xnnpack = accelerator == AcceleratorDelegate.XNNPACK;
        return interpreter(xnnpack, accelerator == null ? null : accelerator.create());
    }

    private JavaInterpreter interpreter(boolean xnnpack, Delegate delegate) throws EngineException {
        Interpreter.Options settings =
                new Interpreter.Options().setUseXNNPACK(xnnpack).setCancellable(true);
        if (options.threads() > 0) {
            settings.setNumThreads(options.threads());
        }
        if (delegate != null) {
            settings.addDelegate(delegate);
        }
        try {
            return new JavaInterpreter(new Interpreter(bytes, settings), delegate, graph);
        } catch (RuntimeException | LinkageError e) {
            JavaInterpreter.close(delegate);
            throw new EngineException(Failures.oneLine(e), e);
        }
    }

    @Override
    public void close() {
        // The buffer is garbage once no interpreter holds it.
    }
}
