package dev.cleave.gateway.config;

/** Whether the tails in 16-bit floats are run, of a bundle that has them beside those in 32 bits. */
public enum HalfPrecision {
    /** On a GPU. */
    AUTO,
    NEVER,
    /** On a CPU, too, which is slower and no more exact. */
    ALWAYS;

    /** @throws IllegalArgumentException for a text that is none of the names */
    static HalfPrecision of(String name) {
        return Words.of("fp16", name, values());
    }
}
