package dev.cleave.partition.verify;

import dev.cleave.answer.Proportion;
import java.util.Comparator;
import java.util.List;

/**
 * What verification measured. Shares are 0..1, times in milliseconds; NaN stands for "not known".
 *
 * @param inputs number of inputs
 * @param overlap with the inputs that the bundle was calibrated on; null if it does not say which these were
 * @param metric name of the agreement metric
 * @param reference what the answers were compared with
 * @param points CLOUD, 1..k, LOCAL, as far as devices have heads on the engine that was asked for
 * @param exact full precision with the raw codec, split against whole
 * @param jpeg the rival: the picture as a JPEG at several qualities, whole model on the server; empty if not asked for
 */
public record VerifyReport(
        int inputs,
        Overlap overlap,
        String metric,
        Reference reference,
        List<Point> points,
        List<Exact> exact,
        double exactBound,
        List<Jpeg> jpeg) {

    /**
     * What is known of inputs that calibrated the bundle, too.
     *
     * @param inputs of those that it is verified on, how many are among the remembered ones
     * @param remembered inputs that the bundle was calibrated on and knows again
     * @param calibrated inputs that it was calibrated on
     */
    public record Overlap(int inputs, int remembered, int calibrated) {
        /** Whether it would know every one of them again. */
        public boolean isComplete() {
            return remembered >= calibrated;
        }
    }

    /**
     * @param source {@code model} or {@code bundle}
     * @param digest SHA-256 of the model file, or the bundle id
     * @param correct of those that have a label
     */
    public record Reference(String source, String digest, Proportion correct) {}

    /**
     * @param kind {@code cloud}, {@code split} or {@code local}
     * @param levels at least one, the default first
     * @param leakage distance correlation between inputs and boundary; 1 for CLOUD, 0 for LOCAL
     * @param leakageInputs that {@code leakage} rests on; 0 for CLOUD and LOCAL
     */
    public record Point(
            int index, String kind, List<String> tensors, List<Level> levels, double leakage, int leakageInputs) {
        /** The default. */
        public Level level() {
            return levels.get(0);
        }
    }

    /**
     * A point at one quality level.
     *
     * @param codec label of its codecs; empty where nothing crosses
     * @param elements elements of one row's boundary, mean over the inputs where it varies
     * @param replyBytesMean payload of the replies; 0 for LOCAL
     * @param agreeing inputs with the same answer as the reference
     * @param correct of those that have a label
     * @param maxRelError largest error of an output over that output's largest magnitude
     */
    public record Level(
            String name,
            String codec,
            double elements,
            double wireBytesMean,
            double wireBytesP95,
            double replyBytesMean,
            Proportion agreeing,
            Proportion correct,
            double maxAbsError,
            double maxRelError,
            double encodeMillisP50,
            double decodeMillisP50) {
        public double bitsPerElement() {
            return elements == 0 ? 0 : wireBytesMean * 8 / elements;
        }
    }

    /**
     * The larger error of two ways to run a split: the chain of segments, and the head and tail graphs.
     *
     * @param withinBound whether every output is: integers equal, floats within the precision's bound
     */
    public record Exact(int index, double maxAbsError, double maxRelativeError, boolean withinBound) {}

    public record Jpeg(int quality, double bytesMean, Proportion agreeing, Proportion correct) {}

    /** True if every point is exact within its bound. */
    public boolean passed() {
        return exact.stream().allMatch(Exact::withinBound);
    }

    /** The JPEG with the fewest bytes that agrees as often as a level does, or null. */
    public Jpeg jpegOfEqualAgreement(Level level) {
        return jpeg.stream()
                .filter(row -> row.agreeing.share() >= level.agreeing.share())
                .min(Comparator.comparingDouble(Jpeg::bytesMean))
                .orElse(null);
    }

    /** The JPEG with the fewest bytes that is right as often as a level is, or null; null, too, without labels. */
    public Jpeg jpegOfEqualAccuracy(Level level) {
        return jpeg.stream()
                .filter(row -> row.correct.share() >= level.correct.share())
                .min(Comparator.comparingDouble(Jpeg::bytesMean))
                .orElse(null);
    }
}
