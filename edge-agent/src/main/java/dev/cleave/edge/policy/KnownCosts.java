package dev.cleave.edge.policy;

import dev.cleave.edge.policy.CostTable.PointCost;
import java.util.Arrays;

/**
 * What requests cost, as far as is known by now: what the bundle says, and what frames and replies have told since.
 * Thread-safe.
 *
 * <p>Bytes start at the bundle's mean and follow this device's own frames as an exponentially weighted moving average,
 * {@code b' = b + (sample - b) / 8}; so do bytes and times that the bundle does not say. The gateway's times are not
 * followed here where there is a plan: {@link dev.cleave.edge.estimate.LinkConditions#tailScale} has all points' in one.
 */
public final class KnownCosts {
    private static final double WEIGHT = 0.125;

    /** A mean that starts at what is known beforehand, if anything is. */
    private static double follow(double mean, double sample) {
        return Double.isNaN(mean) ? sample : mean + WEIGHT * (sample - mean);
    }

    private final CostTable table;
    // Per row, except for the tail.
    private final double[][] wireBytes;
    private final double[][] encodeNanos;
    private final double[] replyBytes;
    private final double[] decodeNanos;
    private final double[] tailNanos;

    public KnownCosts(CostTable table) {
        this.table = table;
        int points = table.local();
        wireBytes = new double[points][];
        encodeNanos = new double[points][];
        replyBytes = new double[points];
        decodeNanos = new double[points];
        tailNanos = new double[points];
        for (int point = 0; point < points; point++) {
            PointCost cost = table.point(point);
            int levels = cost.levels().size();
            wireBytes[point] = new double[levels];
            encodeNanos[point] = new double[levels];
            for (int level = 0; level < levels; level++) {
                wireBytes[point][level] = cost.levels().get(level).wireBytes();
            }
            Arrays.fill(encodeNanos[point], Double.NaN);
            replyBytes[point] = cost.replyBytes();
            decodeNanos[point] = cost.decodeNanos();
            tailNanos[point] = cost.tailNanos();
        }
    }

    public CostTable table() {
        return table;
    }

    /** A boundary of this many rows was encoded here. */
    public synchronized void encoded(int point, int level, int rows, long nanos, long bytes) {
        wireBytes[point][level] = follow(wireBytes[point][level], (double) bytes / rows);
        encodeNanos[point][level] = follow(encodeNanos[point][level], (double) nanos / rows);
    }

    /** A frame of this many rows was answered; the times are the gateway's own. */
    public synchronized void answered(int point, int rows, long bytes, long decoding, long tail) {
        replyBytes[point] = follow(replyBytes[point], (double) bytes / rows);
        PointCost planned = table.point(point);
        if (Double.isNaN(planned.decodeNanos())) {
            decodeNanos[point] = follow(decodeNanos[point], (double) decoding / rows);
        }
        if (Double.isNaN(planned.tailNanos())) {
            tailNanos[point] = follow(tailNanos[point], tail);
        }
    }

    /** Of a request of this many rows; {@code level} counts for nothing at LOCAL. */
    synchronized RequestCost of(int point, int level, int rows, HeadTimes heads) {
        double head = heads.nanos(point) * rows;
        if (point == table.local()) {
            return RequestCost.local(head, heads.isKnown(point));
        }
        double encode = encodeNanos[point][level];
        double batches = Math.max(1, (double) rows / table.batch());
        return new RequestCost(
                head,
                heads.isKnown(point),
                (Double.isNaN(encode) ? table.point(point).encodeNanos() * heads.scale() : encode) * rows,
                wireBytes[point][level] * rows,
                replyBytes[point] * rows,
                decodeNanos[point] * rows,
                tailNanos[point] * batches,
                rows / (batches * table.batch()));
    }

    /** Of a frame of this many rows; NaN if unknown. */
    public synchronized double wireBytes(int point, int level, int rows) {
        return wireBytes[point][level] * rows;
    }

    /** Whether a level of a point has fewer bytes than its default. */
    synchronized boolean isCoarser(int point, int level) {
        return wireBytes[point][level] < wireBytes[point][0];
    }
}
