package dev.cleave.engine.onnxruntime;

import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * ONNX Runtime's execution providers by the names that {@code SessionOptions.providers()} takes.
 *
 * <p>Which of them exist is decided by how the native library was built and by the machine, so adding one is expected to
 * fail: the reason is kept and the next is tried. The CPU needs no adding and is always the last.
 */
final class ExecutionProviders {
    static final String CPU = "cpu";

    private interface Addition {
        void addTo(OrtSession.SessionOptions options, int device) throws OrtException;
    }

    private static final Map<String, Addition> KNOWN = known();

    private ExecutionProviders() {}

    private static Map<String, Addition> known() {
        Map<String, Addition> known = new LinkedHashMap<>();
        known.put("tensorrt", OrtSession.SessionOptions::addTensorrt);
        known.put("cuda", OrtSession.SessionOptions::addCUDA);
        known.put("rocm", OrtSession.SessionOptions::addROCM);
        known.put("directml", OrtSession.SessionOptions::addDirectML);
        known.put("coreml", (options, device) -> options.addCoreML());
        known.put("nnapi", (options, device) -> options.addNnapi());
        known.put("qnn", (options, device) -> options.addQnn(Collections.emptyMap()));
        known.put("xnnpack", (options, device) -> options.addXnnpack(Collections.emptyMap()));
        known.put("webgpu", (options, device) -> options.addWebGPU(Collections.emptyMap()));
        known.put("openvino", (options, device) -> options.addOpenVINO(""));
        known.put("dnnl", (options, device) -> options.addDnnl(true));
        known.put("acl", (options, device) -> options.addACL(true));
        return known;
    }

    /**
     * Adds the wanted providers that can be added, in order, up to the CPU.
     *
     * @param refused receives {@code name: reason} for each of the others
     * @return the names of those added
     */
    static List<String> add(
            OrtSession.SessionOptions options, List<String> wanted, int device, Map<String, String> refused) {
        List<String> added = new ArrayList<>();
        for (String name : wanted) {
            if (name.equals(CPU)) {
                break;
            }
            String reason = refused.containsKey(name) ? refused.get(name) : add(options, name, device);
            if (reason == null) {
                added.add(name);
            } else {
                refused.put(name, reason);
            }
        }
        return added;
    }

    /** Null if it was added, else why not. */
    private static String add(OrtSession.SessionOptions options, String name, int device) {
        Addition addition = KNOWN.get(name);
        if (addition == null) {
            return "no execution provider of ONNX Runtime; expected cpu or one of "
                    + Arrays.toString(KNOWN.keySet().toArray());
        }
        try {
            addition.addTo(options, device);
            return null;
        } catch (OrtException | RuntimeException | LinkageError e) {
            return OneLine.of(e.getMessage());
        }
    }
}
