package dev.cleave.gateway.oip;

import dev.cleave.gateway.exec.PointCodec;
import dev.cleave.gateway.model.ServedModel;
import dev.cleave.tensor.TensorSpec;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What the protocol calls a model: a model that is served, whole or from a split point on.
 *
 * @param model the version that answers
 * @param point 0: the whole model
 * @param versions all that can be asked for under this name
 */
public record OipModel(ServedModel model, int point, List<String> versions) {
    private static final String TAIL = ".split-";

    public OipModel {
        versions = List.copyOf(versions);
    }

    /** {@code NAME} or {@code NAME.split-i}. */
    public String name() {
        return nameOf(model.name(), point);
    }

    static String nameOf(String model, int point) {
        return point == 0 ? model : model + TAIL + point;
    }

    /** The point that a name means of a model, or -1 if it means something else. */
    static int pointOf(String model, String name) {
        if (name.equals(model)) {
            return 0;
        }
        String prefix = model + TAIL;
        if (!name.startsWith(prefix)) {
            return -1;
        }
        String digits = name.substring(prefix.length());
        return digits.matches("[1-9][0-9]{0,3}") ? Integer.parseInt(digits) : -1;
    }

    public String version() {
        return model.contract().modelVersion();
    }

    /** As the protocol lists platforms: the graphs are ONNX's. */
    public String platform() {
        return "onnx_onnxv1";
    }

    /** The boundary of the point, in the fp32 model's terms. */
    public List<TensorSpec> inputs() {
        return codec().boundary();
    }

    /** Those that are made after the point. */
    public List<TensorSpec> outputs() {
        return model.contract().lateOutputs(point);
    }

    /** What runs it, now: {@code provider}, {@code precision}, and where there is something to say of these, {@code remarks}. */
    public Map<String, String> parameters() {
        Map<String, String> parameters = new LinkedHashMap<>();
        parameters.put("provider", model.provider());
        parameters.put("precision", model.precision());
        String remarks = String.join("; ", model.remarks());
        if (!remarks.isEmpty()) {
            parameters.put("remarks", remarks);
        }
        return parameters;
    }

    PointCodec codec() {
        return model.codec(point);
    }

    /** Whether requests would be taken now. */
    public boolean isReady() {
        return !model.isDraining();
    }
}
