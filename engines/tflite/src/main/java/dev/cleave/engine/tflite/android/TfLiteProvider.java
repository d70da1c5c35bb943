package dev.cleave.engine.tflite.android;

import dev.cleave.engine.Engine;
import dev.cleave.engine.EngineException;
import dev.cleave.engine.EngineProvider;
import java.nio.ByteOrder;
import org.tensorflow.lite.TensorFlowLite;

/** Offers {@link TfLiteEngine} where the application brings {@code org.tensorflow:tensorflow-lite}. */
public final class TfLiteProvider implements EngineProvider {
    @Override
    public String name() {
        return TfLiteEngine.NAME;
    }

    /** Below ONNX Runtime, which defines the answers. */
    @Override
    public int priority() {
        return 4;
    }

    @Override
    public String unavailableReason() {
        if (ByteOrder.nativeOrder() != ByteOrder.LITTLE_ENDIAN) {
            return "this CPU is big-endian; expected little-endian";
        }
        try {
            TensorFlowLite.init();
            return null;
        } catch (RuntimeException | LinkageError e) {
            return "TensorFlow Lite cannot be loaded (" + Failures.oneLine(e)
                    + "); expected org.tensorflow:tensorflow-lite among the application's libraries";
        }
    }

    @Override
    public Engine create() throws EngineException {
        String reason = unavailableReason();
        if (reason != null) {
            throw new EngineException(TfLiteEngine.NAME + ": " + reason);
        }
        return new TfLiteEngine(TensorFlowLite.runtimeVersion());
    }
}
