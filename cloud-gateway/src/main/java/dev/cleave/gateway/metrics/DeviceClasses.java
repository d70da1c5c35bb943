package dev.cleave.gateway.metrics;

import java.util.HashMap;
import java.util.Map;

/**
 * The device classes that have reported, as label values: the only text of an agent that becomes one. The first
 * {@link #MOST} keep a label of their own, all others share {@code other}. Thread-safe.
 */
final class DeviceClasses {
    static final int MOST = 32;
    private static final int MOST_CHARACTERS = 64;
    private static final String NONE = "unknown";
    private static final String OTHER = "other";

    private final Map<String, String> labels = new HashMap<>();

    /** @param deviceClass free text */
    String label(String deviceClass) {
        String cleaned = clean(deviceClass);
        synchronized (labels) {
            String label = labels.get(cleaned);
            if (label != null || labels.size() >= MOST) {
                return label == null ? OTHER : label;
            }
            labels.put(cleaned, cleaned);
            return cleaned;
        }
    }

    /** Letters, digits and a little punctuation; anything else becomes {@code _}. */
    private static String clean(String text) {
        String head =
                text.substring(0, Math.min(text.length(), MOST_CHARACTERS)).strip();
        return head.isEmpty() ? NONE : head.replaceAll("[^A-Za-z0-9 ._+/-]", "_");
    }
}
