package dev.cleave.partition.leakage;

/**
 * How much of the input what crosses still tells: the distance correlation between the two, over samples. 1 at CLOUD,
 * where the input itself crosses, and 0 at LOCAL, where nothing does.
 *
 * <p>A figure to compare points by and no guarantee: docs/PLANNING.md, "Leakage", says what it does not tell.
 *
 * @param value 0..1, or NaN where it cannot be told, see {@link DistanceCorrelation}
 * @param samples that it rests on
 */
public record Leakage(double value, int samples) {
    /** The input itself crosses. */
    public static final Leakage ALL = new Leakage(1, 0);
    /** Nothing crosses. */
    public static final Leakage NONE = new Leakage(0, 0);
    /** Nothing was measured. */
    public static final Leakage UNKNOWN = new Leakage(Double.NaN, 0);

    /**
     * Between inputs and boundary.
     *
     * @param inputs of the first samples
     * @param boundary of the first samples too, in the same order; perhaps of fewer
     */
    public static Leakage between(TensorDistances inputs, TensorDistances boundary) {
        int samples = Math.min(inputs.samples(), boundary.samples());
        return new Leakage(DistanceCorrelation.of(inputs.matrix(samples), boundary.matrix(samples), samples), samples);
    }
}
