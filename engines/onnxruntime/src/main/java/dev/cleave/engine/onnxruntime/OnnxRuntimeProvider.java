package dev.cleave.engine.onnxruntime;

import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtLoggingLevel;
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
            environment();
            return null;
        } catch (OrtException | RuntimeException | LinkageError e) {
            Throwable root = e;
            while (root.getCause() != null) {
                root = root.getCause();
            }
            return "the native library of ONNX Runtime cannot be loaded (" + OneLine.of(root.toString()) + ")";
        }
    }

    @Override
    public Engine create() throws EngineException {
        String reason = unavailableReason();
        if (reason != null) {
            throw new EngineException(OnnxRuntimeEngine.NAME + ": " + reason);
        }
        try {
            return new OnnxRuntimeEngine(environment());
        } catch (OrtException e) {
            throw new EngineException(OnnxRuntimeEngine.NAME + ": " + OneLine.of(e.getMessage()), e);
        }
    }

    // One per process, as ONNX Runtime wants it. Every error also comes as an exception, whose one line is ours to
    // print, so the native logger says nothing but that the process is about to die.
    private static OrtEnvironment environment() throws OrtException {
        OrtEnvironment environment =
                OrtEnvironment.getEnvironment(OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL, OrtEnvironment.DEFAULT_NAME);
        environment.setTelemetry(false);
        return environment;
    }
}
