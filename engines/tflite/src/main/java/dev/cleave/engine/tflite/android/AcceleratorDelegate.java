package dev.cleave.engine.tflite.android;

import dev.cleave.engine.EngineException;
import org.tensorflow.lite.Delegate;
import org.tensorflow.lite.nnapi.NnApiDelegate;

/**
 * What may take over parts of a graph from the CPU's own kernels, by the names that {@code SessionOptions.providers()} takes.
 * Each interpreter gets one of its own.
 */
enum AcceleratorDelegate {
    /** Not a delegate object but a switch of the interpreter; asked for by name, it must be there. */
    XNNPACK,

    /** The phone's neural network drivers. */
    NNAPI,

    /** In a library of its own, {@code org.tensorflow:tensorflow-lite-gpu}, that an application may bring. */
    GPU;

    private static final String GPU_CLASS = "org.tensorflow.lite.gpu.GpuDelegate";

    /** @throws EngineException saying why there is none of that name here */
    static AcceleratorDelegate named(String name) throws EngineException {
        switch (name) {
            case "xnnpack":
                return XNNPACK;
            case "nnapi":
                requireAndroid();
                return NNAPI;
            case "gpu":
                requireAndroid();
                return GPU;
            default:
                throw new EngineException("no delegate of TensorFlow Lite; expected cpu, xnnpack, nnapi or gpu");
        }
    }

    private static void requireAndroid() throws EngineException {
        String vendor = System.getProperty("java.vendor", "");
        if (!vendor.contains("Android")) {
            throw new EngineException("only on Android; this is a runtime of " + vendor);
        }
    }

    /**
     * A new delegate object, to be closed after its interpreter; null if it is a switch.
     *
     * @throws EngineException saying why there can be none
     */
    Delegate create() throws EngineException {
        try {
            switch (this) {
                case NNAPI:
                    return new NnApiDelegate();
                case GPU:
                    return (Delegate) Class.forName(GPU_CLASS).getConstructor().newInstance();
                default:
                    return null;
            }
        } catch (ClassNotFoundException e) {
            throw new EngineException(
                    "expected org.tensorflow:tensorflow-lite-gpu among the application's libraries", e);
        } catch (ReflectiveOperationException | RuntimeException | LinkageError e) {
            Throwable cause = e.getCause() == null ? e : e.getCause();
            throw new EngineException(Failures.oneLine(cause), e);
        }
    }
}
