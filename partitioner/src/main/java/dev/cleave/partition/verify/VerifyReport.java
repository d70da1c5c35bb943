package dev.cleave.partition.verify;

import java.util.List;

/**
 * What verification measured. Shares are 0..1, times in milliseconds; NaN stands for "not known".
 *
 * @param inputs number of inputs
 * @param metric name of the agreement metric
 * @param reference what the answers were compared with
 * @param points CLOUD, 1..k, LOCAL at their default quality level
 * @param exact full precision with the raw codec, split against whole
 * @param jpeg the rival: the picture as a JPEG at several qualities, whole model on the server; empty if not asked for
 */
public record VerifyReport(
        int inputs,
        String metric,
        Reference reference,
        List<Point> points,
        List<Exact> exact,
        double exactBound,
        List<Jpeg> jpeg) {

    /**
     * @param source {@code model} or {@code bundle}
     * @param digest SHA-256 of the model file, or the bundle id
     * @param top1 labelled accuracy, or NaN
     */
    public record Reference(String source, String digest, double top1) {}

    /**
     * @param kind {@code cloud}, {@code split} or {@code local}
     * @param leakage distance correlation between inputs and boundary; 1 for CLOUD, 0 for LOCAL
     * @param leakageInputs that {@code leakage} rests on; 0 for CLOUD and LOCAL
     * @param replyBytesMean payload of the replies; 0 for LOCAL
     * @param elements elements of one row's boundary, mean over the inputs where it varies
     */
    public record Point(
            int index,
            String kind,
            List<String> tensors,
            double elements,
            double wireBytesMean,
            double wireBytesP95,
            double replyBytesMean,
            double agreement,
            double top1,
            double maxAbsError,
            double leakage,
            int leakageInputs,
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

    public record Jpeg(int quality, double bytesMean, double agreement, double top1) {}

    /** True if every point is exact within its bound. */
    public boolean passed() {
        return exact.stream().allMatch(Exact::withinBound);
    }
}
