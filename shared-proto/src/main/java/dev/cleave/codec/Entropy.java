package dev.cleave.codec;

import java.util.Locale;

/** The entropy coder over quantised symbols, agreed once per stream; {@link #NONE} is understood by everybody. */
public enum Entropy {
    /** Packed symbols, pure Java. */
    NONE,
    /** Zstandard over symbols. */
    ZSTD;

    public String wireName() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** Null for a name that this release does not know. */
    public static Entropy fromWireName(String name) {
        for (Entropy entropy : values()) {
            if (entropy.wireName().equals(name)) {
                return entropy;
            }
        }
        return null;
    }
}
