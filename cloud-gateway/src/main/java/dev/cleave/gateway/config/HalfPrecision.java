package dev.cleave.gateway.config;

import java.util.Arrays;
import java.util.Locale;

/** Whether the tails in 16-bit floats are run, of a bundle that has them beside those in 32 bits. */
public enum HalfPrecision {
    /** On a GPU. */
    AUTO,
    NEVER,
    /** On a CPU, too, which is slower and no more exact. */
    ALWAYS;

    /** @throws IllegalArgumentException for a text that is none of the names */
    static HalfPrecision of(String name) {
        return Arrays.stream(values())
                .filter(value -> value.name().toLowerCase(Locale.ROOT).equals(name))
                .findFirst()
                .orElseThrow(
                        () -> new IllegalArgumentException("fp16 is \"" + name + "\"; expected auto, never or always"));
    }
}
