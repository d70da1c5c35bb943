package dev.cleave.edge.policy;

/**
 * Where one request is cut, and how its boundary is coded.
 *
 * @param point 0 CLOUD, 1..k SPLIT, k+1 LOCAL
 * @param level index of a quality level of that point; 0 at LOCAL, where nothing is coded
 * @param predictedNanos from now to the answer, or {@link #UNKNOWN}
 * @param why one line for people
 */
public record Choice(int point, int level, long predictedNanos, String why) {
    /** Prediction of a choice of which nothing is known. */
    public static final long UNKNOWN = -1;
}
