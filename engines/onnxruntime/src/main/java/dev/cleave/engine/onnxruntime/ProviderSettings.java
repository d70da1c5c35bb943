package dev.cleave.engine.onnxruntime;

import dev.cleave.engine.DeviceOptions;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What {@link DeviceOptions} mean in the words of ONNX Runtime's providers. Pure. The device itself is not among them: the
 * providers take it when their options are made.
 *
 * <p>Source: ONNX Runtime's pages on the CUDA and TensorRT execution providers, "Configuration options".
 */
final class ProviderSettings {
    private static final int OPEN = -1;

    private ProviderSettings() {}

    static Map<String, String> cuda(DeviceOptions device) {
        Map<String, String> settings = new LinkedHashMap<>();
        if (device.memoryBytes() > 0) {
            settings.put("gpu_mem_limit", Long.toString(device.memoryBytes()));
            // The default doubles what it takes each time, and so comes to the limit with half of it unused.
            settings.put("arena_extend_strategy", "kSameAsRequested");
        }
        if (device.maxRows() != 1) {
            // The default tries every algorithm for each new shape, in the run that brings it.
            settings.put("cudnn_conv_algo_search", "HEURISTIC");
        }
        return settings;
    }

    /**
     * @param inputs dimensions by name, -1 for an open one
     * @throws IllegalArgumentException if the shapes that runs will have cannot be told; TensorRT would then compile anew
     *     within a run
     */
    static Map<String, String> tensorRt(DeviceOptions device, Map<String, long[]> inputs) {
        Map<String, String> settings = new LinkedHashMap<>();
        if (device.halves()) {
            settings.put("trt_fp16_enable", "1");
        }
        if (device.memoryBytes() > 0) {
            settings.put("trt_max_workspace_size", Long.toString(device.memoryBytes()));
        }
        if (device.compiled() != null) {
            settings.put("trt_engine_cache_enable", "1");
            settings.put("trt_engine_cache_path", device.compiled().toString());
            settings.put("trt_timing_cache_enable", "1");
            settings.put("trt_timing_cache_path", device.compiled().toString());
        }
        if (device.maxRows() > 0) {
            putProfile(settings, device, inputs);
        }
        return settings;
    }

    private static void putProfile(Map<String, String> settings, DeviceOptions device, Map<String, long[]> inputs) {
        int usual = device.usualRows() == 0 ? device.maxRows() : device.usualRows();
        String least = profile(inputs, 1);
        if (!least.isEmpty()) {
            settings.put("trt_profile_min_shapes", least);
            settings.put("trt_profile_opt_shapes", profile(inputs, usual));
            settings.put("trt_profile_max_shapes", profile(inputs, device.maxRows()));
        }
    }

    /** {@code name:4x3x224x224,other:4x10} of the inputs that are open in their rows; empty if none is. */
    private static String profile(Map<String, long[]> inputs, int rows) {
        StringBuilder profile = new StringBuilder();
        for (Map.Entry<String, long[]> input : inputs.entrySet()) {
            if (isOpen(input.getKey(), input.getValue())) {
                requirePlain(input.getKey());
                profile.append(profile.length() == 0 ? "" : ",").append(input.getKey());
                char separator = ':';
                for (long size : input.getValue()) {
                    profile.append(separator).append(size == OPEN ? rows : size);
                    separator = 'x';
                }
            }
        }
        return profile.toString();
    }

    private static boolean isOpen(String name, long[] dims) {
        for (int axis = 1; axis < dims.length; axis++) {
            if (dims[axis] == OPEN) {
                throw new IllegalArgumentException("input \"" + OneLine.of(name) + "\" is open in dimension " + axis
                        + "; expected only rows, dimension 0, to be open");
            }
        }
        return dims.length > 0 && dims[0] == OPEN;
    }

    /** The list of shapes has no way to quote a name. */
    private static void requirePlain(String name) {
        if (name.isEmpty() || name.indexOf(':') >= 0 || name.indexOf(',') >= 0) {
            throw new IllegalArgumentException("input \"" + OneLine.of(name)
                    + "\" has no name for a list of shapes; expected one without : and ,");
        }
    }
}
