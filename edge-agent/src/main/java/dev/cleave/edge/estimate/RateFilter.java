package dev.cleave.edge.estimate;

/**
 * The rate of one direction of a link: Kalman's filter in one dimension, on the logarithm of nanoseconds per byte,
 * since errors of rates are factors. Pure; not thread-safe.
 *
 * <pre>
 * state       x = log(ns / byte), variance P
 * drift       P grows by 0.02 a second, to at most 2
 * sample      y = log(took / bytes) - x, variance R = (noise / time)^2 + V
 * believed    x += K y,   P = (1 - K) P,   K = P / (P + R)
 * doubted     if y^2 &gt; 9 (P + R) and the time is more than 3 noises off: nothing changes, unless the sample before it
 *             was doubted on the same side. Then x and P start over from these two
 * </pre>
 *
 * <p>So a step of the link is followed by the second sample that shows it, and one late ack is not followed at all. Of
 * the two the later counts: the first may have crossed while the step came, so its variance is raised by 1.
 *
 * <p>{@code noise} is how far the time of one sample may be off whatever its size. What is expected to take less than
 * twice that says nothing, unless it took much longer; and what took no longer than the noise says that the link is not
 * slower, and no more: x moves, P stays. {@code V} is what samples scatter beyond that, 0.05^2 or more, and is learned
 * from the innovations (R. K. Mehra, "On the identification of variances and adaptive Kalman filtering", IEEE
 * Transactions on Automatic Control 15(2), 1970): on a link that fluctuates single samples count less.
 */
final class RateFilter {
    /** Fewer bytes say nothing in a few noises: what was late may have been the round trip as well. */
    static final long TELLING_BYTES = 2048;

    private static final double DRIFT_PER_NANO = 0.02e-9;
    private static final double MAX_DRIFTED_VARIANCE = 2;
    private static final double MIN_SCATTER = 0.05 * 0.05;
    private static final double MAX_SCATTER = 0.3 * 0.3;
    private static final double SCATTER_WEIGHT = 1.0 / 16;
    /** Of samples with more noise it cannot be told what else they scatter by. */
    private static final double CLEAR_NOISE = 1.0 / 64;

    /** Three standard deviations, squared. */
    private static final double DOUBTED = 9;
    /** Times that are closer are the same. */
    private static final double FAR_NOISES = 3;

    private static final double FEW_NOISES = 2;
    /** So long do few bytes have to take to be the first thing that is known of a link. */
    private static final double STARTING_NOISES = 16;

    private static final double UNSURE_VARIANCE = 1;

    private double logNanosPerByte = Double.NaN;
    private double variance = Double.POSITIVE_INFINITY;
    private double scatter = MIN_SCATTER;
    private long lastNanos;
    // The sample in doubt: its logarithm, its variance, and its innovation, 0 if there is none.
    private double doubtedLog;
    private double doubtedVariance;
    private double doubtedInnovation;

    /**
     * @param bytes that crossed, above 0
     * @param tookNanos may be below 0, as noise goes
     * @param noiseNanos standard deviation of that time, above 0
     */
    void add(long bytes, long tookNanos, double noiseNanos, long nowNanos) {
        double took = Math.max(tookNanos, noiseNanos);
        double log = Math.log(took / bytes);
        boolean fewBytes = bytes < TELLING_BYTES;
        if (!isKnown()) {
            if (!fewBytes || took > STARTING_NOISES * noiseNanos) {
                start(
                        log,
                        relativeNoise(noiseNanos, took) + (fewBytes ? MAX_DRIFTED_VARIANCE : UNSURE_VARIANCE),
                        nowNanos);
            }
            return;
        }
        double expected = bytes * nanosPerByte();
        boolean far = Math.abs(took - expected) > FAR_NOISES * noiseNanos;
        if (expected <= FEW_NOISES * noiseNanos && (fewBytes || !far)) {
            doubtedInnovation = far ? doubtedInnovation : 0;
            return;
        }
        drift(nowNanos);
        double innovation = log - logNanosPerByte;
        double possible = variance + scatter + relativeNoise(noiseNanos, Math.max(took, expected));
        if (far && innovation * innovation > DOUBTED * possible) {
            doubt(log, innovation, relativeNoise(noiseNanos, took), took <= noiseNanos, nowNanos);
        } else {
            believe(innovation, relativeNoise(noiseNanos, expected), took <= noiseNanos);
        }
    }

    private void drift(long nowNanos) {
        variance = variance(nowNanos);
        lastNanos = nowNanos;
    }

    private static double relativeNoise(double noiseNanos, double nanos) {
        double relative = noiseNanos / nanos;
        return relative * relative;
    }

    private void start(double log, double noise, long nowNanos) {
        logNanosPerByte = log;
        variance = scatter + noise;
        lastNanos = nowNanos;
        doubtedInnovation = 0;
    }

    private void doubt(double log, double innovation, double noise, boolean bound, long nowNanos) {
        if (doubtedInnovation * innovation > 0) {
            start(doubtedLog, doubtedVariance + UNSURE_VARIANCE, nowNanos);
            correct(log - logNanosPerByte, scatter + noise, bound);
            return;
        }
        dismissDoubted();
        doubtedLog = log;
        doubtedVariance = noise;
        doubtedInnovation = innovation;
    }

    private void believe(double innovation, double noise, boolean bound) {
        dismissDoubted();
        if (noise < CLEAR_NOISE) {
            learnScatter(innovation * innovation - variance - noise);
        }
        correct(innovation, scatter + noise, bound);
    }

    /** The sample in doubt was alone: it was noise, of which there is more than was thought. */
    private void dismissDoubted() {
        if (doubtedInnovation != 0) {
            learnScatter(Math.min(doubtedInnovation * doubtedInnovation, DOUBTED * (variance + scatter)));
            doubtedInnovation = 0;
        }
    }

    private void learnScatter(double seen) {
        double learned = scatter + SCATTER_WEIGHT * (seen - scatter);
        scatter = Math.max(MIN_SCATTER, Math.min(MAX_SCATTER, learned));
    }

    /** @param bound whether the sample only tells that the link is not slower: nothing is surer after it */
    private void correct(double innovation, double sampleVariance, boolean bound) {
        double gain = variance / (variance + sampleVariance);
        logNanosPerByte += gain * innovation;
        variance *= bound ? 1 : 1 - gain;
    }

    void forget() {
        logNanosPerByte = Double.NaN;
        variance = Double.POSITIVE_INFINITY;
        scatter = MIN_SCATTER;
        doubtedInnovation = 0;
    }

    boolean isKnown() {
        return !Double.isNaN(logNanosPerByte);
    }

    /** Whether the last sample was not believed, and the next one decides. */
    boolean isInDoubt() {
        return doubtedInnovation != 0;
    }

    /** Whether that sample was of a faster link: nothing that is in the way of a message can make it so. */
    boolean seemsFaster() {
        return doubtedInnovation < 0;
    }

    /** What that sample says. */
    double doubtedNanosPerByte() {
        return Math.exp(doubtedLog);
    }

    /** NaN if unknown. */
    double nanosPerByte() {
        return Math.exp(logNanosPerByte);
    }

    /** Of the logarithm of the rate, as of now; infinite if unknown. */
    double variance(long nowNanos) {
        double drifted = variance + DRIFT_PER_NANO * Math.max(0, nowNanos - lastNanos);
        return Math.max(variance, Math.min(MAX_DRIFTED_VARIANCE, drifted));
    }

    /** Standard deviation of the logarithm of the next sample, as of now; infinite if unknown. */
    double deviation(long nowNanos) {
        return Math.sqrt(variance(nowNanos) + scatter);
    }
}
