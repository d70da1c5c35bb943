package dev.cleave.partition.quantize;

/**
 * The values that an activation's integers stand for. Holds zero, so that padding is exact.
 *
 * @param low at most 0
 * @param high at least 0
 */
record Range(float low, float high) {
    /** Integers between the smallest and the largest value. */
    static final int STEPS = 255;

    Range {
        if (!(low <= 0) || !(high >= 0) || Float.isInfinite(low) || Float.isInfinite(high)) {
            throw new IllegalArgumentException("a range from " + low + " to " + high + "; expected one that holds 0");
        }
    }

    /** The part of it between two limits, which hold zero themselves. */
    Range limitedTo(float lowest, float highest) {
        return new Range(Math.max(low, Math.min(0, lowest)), Math.min(high, Math.max(0, highest)));
    }

    /** Scale and zero point of the unsigned integers for it; a range of nothing but zero gets the scale 1. */
    QuantizedTensor quantized(String name, String integers) {
        float scale = (high - low) / STEPS;
        if (!(scale >= Float.MIN_NORMAL)) {
            return new QuantizedTensor(name, integers, 1, 0);
        }
        int zeroPoint = (int) Math.rint(-low / (double) scale);
        return new QuantizedTensor(name, integers, scale, Math.max(0, Math.min(STEPS, zeroPoint)));
    }
}
