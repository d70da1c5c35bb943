package dev.cleave.bundle;

import java.io.IOException;

/** Numbers of {@code manifest.json}, checked for their ranges as they are read. */
final class ManifestNumbers {
    private ManifestNumbers() {}

    /** An integer from 0. */
    static int count(StrictJson json) throws IOException {
        int value = json.integer();
        if (value < 0) {
            throw json.wrong(Integer.toString(value), "0 or more");
        }
        return value;
    }

    /** A number from 0. */
    static double amount(StrictJson json) throws IOException {
        return upTo(json, Double.MAX_VALUE);
    }

    /** A number from 0 to 1. */
    static double share(StrictJson json) throws IOException {
        return upTo(json, 1);
    }

    private static double upTo(StrictJson json, double high) throws IOException {
        double value = json.real64();
        if (!(value >= 0 && value <= high)) {
            throw json.wrong(Double.toString(value), "0 to " + high);
        }
        return value;
    }
}
