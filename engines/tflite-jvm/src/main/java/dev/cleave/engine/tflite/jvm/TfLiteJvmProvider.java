package dev.cleave.engine.tflite.jvm;

import dev.cleave.engine.Engine;
import dev.cleave.engine.EngineException;
import dev.cleave.engine.EngineProvider;
import java.nio.ByteOrder;

/** Offers {@link TfLiteJvmEngine} where the native library can be loaded. */
public final class TfLiteJvmProvider implements EngineProvider {
    @Override
    public String name() {
        return TfLiteJvmEngine.NAME;
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
            NativeLibrary.load();
            return null;
        } catch (RuntimeException | LinkageError e) {
            Throwable root = e;
            while (root.getCause() != null) {
                root = root.getCause();
            }
            String text = root.toString().replaceAll("[\\s\\p{Cntrl}]+", " ");
            return "the native library of TensorFlow Lite cannot be loaded (" + text
                    + "); expected Linux on x86-64 or arm64, and room to unpack it in ~/.javacpp";
        }
    }

    @Override
    public Engine create() throws EngineException {
        String reason = unavailableReason();
        if (reason != null) {
            throw new EngineException(TfLiteJvmEngine.NAME + ": " + reason);
        }
        return new TfLiteJvmEngine(NativeLibrary.load());
    }
}
