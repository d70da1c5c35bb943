package dev.cleave.bundle;

import java.util.Locale;

/** Which of the contract's files a bundle file holds. */
public enum View {
    /** Everything. */
    FULL,
    /** What a device needs: segments and heads up to a point, their weights. */
    EDGE,
    /** What a gateway needs: segments and tails, the whole model. */
    CLOUD;

    public String jsonName() {
        return name().toLowerCase(Locale.ROOT);
    }
}
