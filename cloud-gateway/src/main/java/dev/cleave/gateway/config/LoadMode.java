package dev.cleave.gateway.config;

import java.util.Locale;

/** When a bundle of the models directory is loaded. */
public enum LoadMode {
    /** When it lies there, as the version policy has it; the directory is looked at again and again. */
    POLLING,
    /** When it is asked for, at the start or through the admin port. */
    EXPLICIT;

    /** @throws IllegalArgumentException for a text that is none of the names */
    static LoadMode of(String name) {
        return Words.of("loadMode", name, values());
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
