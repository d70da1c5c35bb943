package dev.cleave.edge.policy;

import java.util.Locale;

/** What an agent that chooses its own point wants least of. */
public enum Objective {
    /** Time from the input to the answer. */
    LATENCY,
    /** Bytes up, among choices at most 1.2 times as slow as the fastest. */
    BYTES,
    /** The gateway's time per request, among choices at most 1.2 times as slow as the fastest. */
    GATEWAY;

    /**
     * Reads {@code latency}, {@code bytes} or {@code gateway}.
     *
     * @throws IllegalArgumentException naming the text, if it is none of these
     */
    public static Objective parse(String text) {
        for (Objective objective : values()) {
            if (objective.toString().equals(text)) {
                return objective;
            }
        }
        throw new IllegalArgumentException("objective \"" + text + "\"; expected latency, bytes or gateway");
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
