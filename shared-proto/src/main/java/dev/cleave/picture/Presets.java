package dev.cleave.picture;

import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;

/** The preprocessing that has a name, in the form in which users write their own. */
final class Presets {
    private static final Map<String, String> JSON = json();

    private Presets() {}

    private static Map<String, String> json() {
        Map<String, String> json = new TreeMap<>();
        json.put("imagenet", "{\"resize\":256,\"crop\":224,\"mean\":[0.485,0.456,0.406],\"std\":[0.229,0.224,0.225]}");
        json.put("tf", "{\"resize\":256,\"crop\":224,\"layout\":\"NHWC\",\"mean\":0.5,\"std\":0.5}");
        json.put("caffe", "{\"resize\":256,\"crop\":224,\"channels\":\"BGR\",\"scale\":1,\"mean\":[104,117,123]}");
        json.put("unit", "{}");
        return Collections.unmodifiableMap(json);
    }

    static Preprocessing named(String preset) {
        String json = JSON.get(preset);
        if (json == null) {
            throw new IllegalArgumentException(
                    "preprocessing \"" + preset + "\" is not known; expected one of " + JSON.keySet());
        }
        return Preprocessing.parse(json);
    }
}
