package dev.cleave.engine;

import java.nio.file.Path;

/** Bytes {@code offset .. offset + length} of a file that hold weights: a file of its own, or a stored zip entry. */
public record WeightsRegion(Path file, long offset, long length) {
    public WeightsRegion {
        if (offset < 0 || length < 0) {
            throw new IllegalArgumentException("weights region " + offset + "+" + length + " of " + file);
        }
    }
}
