package dev.cleave.engine.onnxruntime;

import ai.onnxruntime.OrtException;
import dev.cleave.engine.Engine;
import dev.cleave.engine.EngineException;
import dev.cleave.engine.EngineProvider;
import java.nio.ByteOrder;

/** Offers {@link OnnxRuntimeEngine} where ONNX Runtime's native library can be loaded. */
public final class OnnxRuntimeProvider implements EngineProvider {
    @Override
    public String name() {
        return OnnxRuntimeEngine.NAME;
    }

    @Override
    public int priority() {
        return 5;
    }

    @Override
    public String unavailableReason() {
        if (ByteOrder.nativeOrder() != ByteOrder.LITTLE_ENDIAN) {
            return "this CPU is big-endian; expected little-endian";
        }
        try {
            NativeEnvironment.get();
            return null;
        } catch (OrtException | RuntimeException | LinkageError e) {
            Throwable root = e;
            while (root.getCause() != null) {
                root = root.getCause();
            }
            return "the native library of ONNX Runtime cannot be loaded (" + OneLine.of(root.toString())
                    + "); expected a platform that it knows, and room to unpack it in "
                    + System.getProperty("java.io.tmpdir");
        }
    }

    @Override
    public Engine create() throws EngineException {
        String reason = unavailableReason();
        if (reason != null) {
            throw new EngineException(OnnxRuntimeEngine.NAME + ": " + reason);
        }
        try {
            return new OnnxRuntimeEngine(NativeEnvironment.get());
        } catch (OrtException e) {
            throw new EngineException(OnnxRuntimeEngine.NAME + ": " + OneLine.of(e.getMessage()), e);
        }
    }
}
