package dev.cleave.engine.onnxruntime;

import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.providers.OrtCUDAProviderOptions;
import ai.onnxruntime.providers.OrtTensorRTProviderOptions;
import dev.cleave.engine.DeviceOptions;
import dev.cleave.engine.SessionOptions;
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
 * fail: the reason is kept and the next is tried. {@link ProviderSettings} says what they are told. The CPU needs no adding and is always the last.
 */
final class ExecutionProviders {
    static final String CPU = "cpu";

    private interface Addition {
        void addTo(OrtSession.SessionOptions options, DeviceOptions device, DeclaredValues graph) throws OrtException;
    }

    private static final Map<String, Addition> KNOWN = known();

    private ExecutionProviders() {}

    private static Map<String, Addition> known() {
        Map<String, Addition> known = new LinkedHashMap<>();
        known.put("tensorrt", ExecutionProviders::addTensorRt);
        known.put("cuda", ExecutionProviders::addCuda);
        known.put("rocm", (options, device, graph) -> options.addROCM(device.index()));
        known.put("directml", (options, device, graph) -> options.addDirectML(device.index()));
        known.put("coreml", (options, device, graph) -> options.addCoreML());
        known.put("nnapi", (options, device, graph) -> options.addNnapi());
        known.put("qnn", (options, device, graph) -> options.addQnn(Collections.emptyMap()));
        known.put("xnnpack", (options, device, graph) -> options.addXnnpack(Collections.emptyMap()));
        known.put("webgpu", (options, device, graph) -> options.addWebGPU(Collections.emptyMap()));
        known.put("openvino", (options, device, graph) -> options.addOpenVINO(""));
        known.put("dnnl", (options, device, graph) -> options.addDnnl(true));
        known.put("acl", (options, device, graph) -> options.addACL(true));
        return known;
    }

    private static void addCuda(OrtSession.SessionOptions options, DeviceOptions device, DeclaredValues graph)
            throws OrtException {
        try (OrtCUDAProviderOptions settings = new OrtCUDAProviderOptions(device.index())) {
            for (Map.Entry<String, String> setting :
                    ProviderSettings.cuda(device).entrySet()) {
                settings.add(setting.getKey(), setting.getValue());
            }
            options.addCUDA(settings);
        }
    }

    private static void addTensorRt(OrtSession.SessionOptions options, DeviceOptions device, DeclaredValues graph)
            throws OrtException {
        try (OrtTensorRTProviderOptions settings = new OrtTensorRTProviderOptions(device.index())) {
            for (Map.Entry<String, String> setting :
                    ProviderSettings.tensorRt(device, graph.rankedInputs()).entrySet()) {
                settings.add(setting.getKey(), setting.getValue());
            }
            options.addTensorrt(settings);
        }
    }

    /** Null if the provider can be added to the options of a session, else why not. */
    static String unavailableReason(String name) {
        if (name.equals(CPU)) {
            return null;
        }
        try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
            return add(options, name, DeviceOptions.first(), DeclaredValues.none());
        }
    }

    /**
     * Adds the wanted providers that can be added, in order, up to the CPU.
     *
     * @param refused receives {@code name: reason} for each of the others
     * @return the names of those added
     */
    static List<String> add(
            OrtSession.SessionOptions options,
            SessionOptions wanted,
            DeclaredValues graph,
            Map<String, String> refused) {
        List<String> added = new ArrayList<>();
        for (String name : wanted.providers()) {
            if (name.equals(CPU)) {
                break;
            }
            String reason = refused.containsKey(name) ? refused.get(name) : add(options, name, wanted.device(), graph);
            if (reason == null) {
                added.add(name);
            } else {
                refused.put(name, reason);
            }
        }
        return added;
    }

    /** Null if it was added, else why not. */
    private static String add(
            OrtSession.SessionOptions options, String name, DeviceOptions device, DeclaredValues graph) {
        Addition addition = KNOWN.get(name);
        if (addition == null) {
            return "no execution provider of ONNX Runtime; expected cpu or one of "
                    + Arrays.toString(KNOWN.keySet().toArray());
        }
        try {
            addition.addTo(options, device, graph);
            return null;
        } catch (OrtException | RuntimeException | LinkageError e) {
            return OneLine.of(e.getMessage());
        }
    }
}
