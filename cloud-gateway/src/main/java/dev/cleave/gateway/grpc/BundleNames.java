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
            if (device.mayUse(model.name())) {
                served.add(model.bundle().id() + " (" + model.name() + ")");
            }
        }
        return "bundle " + printable(asked) + " is not served here; expected one of " + String.join(", ", served);
    }

    static String printable(String text) {
        StringBuilder safe = new StringBuilder();
        text.chars().limit(MAX_CHARACTERS).forEach(c -> safe.append(c > ' ' && c < 0x7f ? (char) c : '?'));
        return (text.isEmpty() ? "\"\"" : safe.toString()) + (text.length() > MAX_CHARACTERS ? "..." : "");
    }
}
