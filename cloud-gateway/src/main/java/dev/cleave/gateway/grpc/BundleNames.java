package dev.cleave.gateway.grpc;

import dev.cleave.gateway.identity.Device;
import dev.cleave.gateway.model.ServedModel;
import dev.cleave.gateway.repository.ModelRepository;
import java.util.ArrayList;
import java.util.List;

/** How messages name bundles; ids that come from outside are cut to a length and kept printable. */
final class BundleNames {
    private static final int MAX_CHARACTERS = 80;

    private BundleNames() {}

    /** @param device who asks: hears of no bundle that it may not use */
    static String notServed(String asked, ModelRepository repository, Device device) {
        List<String> served = new ArrayList<>();
        for (ServedModel model : repository.models()) {
            if (model.bundle() != null && device.mayUse(model.name())) {
                served.add(model.id() + " (" + model.name() + ")");
            }
        }
        return "bundle " + printable(asked) + " is not served here; expected "
                + (served.isEmpty() ? "none, as no bundle is" : "one of " + String.join(", ", served));
    }

    /** What a model is of which agents have no part. */
    static String plain(ServedModel model) {
        return "model \"" + model.name() + "\" " + model.version()
                + " is a plain ONNX model, served whole by the Open Inference Protocol alone";
    }

    static String printable(String text) {
        StringBuilder safe = new StringBuilder();
        text.chars().limit(MAX_CHARACTERS).forEach(c -> safe.append(c > ' ' && c < 0x7f ? (char) c : '?'));
        return (text.isEmpty() ? "\"\"" : safe.toString()) + (text.length() > MAX_CHARACTERS ? "..." : "");
    }
}
