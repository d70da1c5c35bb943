package dev.cleave.engine.tflite.jvm;

import org.bytedeco.javacpp.Loader;
import org.bytedeco.tensorflowlite.global.tensorflowlite;

/** TensorFlow Lite's native library, unpacked by JavaCPP into {@code ~/.javacpp/cache} or the temporary folder. */
final class NativeLibrary {
    private static final String MAX_PHYSICAL_BYTES = "org.bytedeco.javacpp.maxPhysicalBytes";

    private NativeLibrary() {}

    /** Version of the library; loads it. */
    static String load() {
        // By default JavaCPP fails every allocation once the process is larger than twice its heap, which a process
        // with
        // models in native memory is as a rule.
        if (System.getProperty(MAX_PHYSICAL_BYTES) == null) {
            System.setProperty(MAX_PHYSICAL_BYTES, "0");
        }
        Loader.load(tensorflowlite.class);
        return tensorflowlite.TfLiteVersion().getString();
    }
}
