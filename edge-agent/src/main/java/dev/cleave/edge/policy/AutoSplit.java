package dev.cleave.edge.policy;

import java.util.Arrays;

/**
 * The point with the fewest bytes on the wire while the link is usable, else LOCAL.
 *
 * <p>Bytes are the means that the partitioner measured per row. A point without a measurement loses against one with;
 * among equals the later point wins, because it leaves less work to the gateway. Where LOCAL is not possible a remote
 * point is chosen even when the link is down, so that the request fails by name or waits for the connection.
 */
public final class AutoSplit implements SplitPolicy {
    private final double[] wireBytes;

    /** @param wireBytes mean payload bytes per row of points 0..k; NaN where nothing was measured */
    public AutoSplit(double[] wireBytes) {
        this.wireBytes = wireBytes.clone();
    }

    @Override
    public int choose(Situation situation) {
        if (!situation.linkUsable() && situation.localPossible()) {
            return situation.localPoint();
        }
        int best = Situation.UNAVAILABLE;
        for (int point : situation.remotePoints()) {
            if (best == Situation.UNAVAILABLE || bytes(point) <= bytes(best)) {
                best = point;
            }
        }
        return best == Situation.UNAVAILABLE ? situation.localPoint() : best;
    }

    private double bytes(int point) {
        double bytes = point < wireBytes.length ? wireBytes[point] : Double.NaN;
        return Double.isNaN(bytes) ? Double.POSITIVE_INFINITY : bytes;
    }

    @Override
    public String toString() {
        return "AutoSplit" + Arrays.toString(wireBytes);
    }
}
