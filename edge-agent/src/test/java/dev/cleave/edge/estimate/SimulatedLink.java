package dev.cleave.edge.estimate;

import java.util.Random;
import java.util.TreeMap;

/**
 * A link with a queue in each direction, in which messages stay in order. Deterministic: jitter comes from a seed and
 * is exponentially distributed, as waiting is.
 */
public final class SimulatedLink {
    private final TreeMap<Long, Double> nanosPerByteFrom = new TreeMap<>();
    private final Random random;
    private long oneWayNanos;
    private double jitterNanos;
    private final Direction up = new Direction();
    private final Direction down = new Direction();

    /** @param jitterNanos mean, of each direction */
    public SimulatedLink(double megabitsPerSecond, long rttNanos, double jitterNanos, long seed) {
        this.oneWayNanos = rttNanos / 2;
        this.jitterNanos = jitterNanos;
        this.random = new Random(seed);
        rateFrom(Long.MIN_VALUE, megabitsPerSecond);
    }

    static double perByte(double megabitsPerSecond) {
        return 8e3 / megabitsPerSecond;
    }

    public void rateFrom(long atNanos, double megabitsPerSecond) {
        nanosPerByteFrom.put(atNanos, perByte(megabitsPerSecond));
    }

    void roundTrip(long nanos) {
        oneWayNanos = nanos / 2;
    }

    public double nanosPerByte(long atNanos) {
        return nanosPerByteFrom.floorEntry(atNanos).getValue();
    }

    /** When a message that is handed over now arrives at the gateway. */
    long up(long bytes, long nowNanos) {
        return up.cross(bytes, nowNanos, 0);
    }

    /** The same, held up somewhere for longer than by jitter. */
    public long lateUp(long bytes, long nowNanos, long lateNanos) {
        return up.cross(bytes, nowNanos, lateNanos);
    }

    /** When a message that the gateway sends now arrives at the device. */
    public long down(long bytes, long nowNanos) {
        return down.cross(bytes, nowNanos, 0);
    }

    private final class Direction {
        private double freeNanos = Double.NEGATIVE_INFINITY;
        private long lastArrivalNanos = Long.MIN_VALUE;

        long cross(long bytes, long nowNanos, long lateNanos) {
            freeNanos = serialised(bytes, Math.max(freeNanos, nowNanos));
            double waited = -Math.log(1 - random.nextDouble()) * jitterNanos;
            long arrival = (long) (freeNanos + oneWayNanos + waited) + lateNanos;
            lastArrivalNanos = Math.max(lastArrivalNanos, arrival);
            return lastArrivalNanos;
        }

        /** The rate may change while the message crosses. */
        private double serialised(double bytes, double fromNanos) {
            double at = fromNanos;
            double left = bytes;
            while (true) {
                Long change = nanosPerByteFrom.higherKey((long) at);
                double nanosPerByte = nanosPerByteFrom.floorEntry((long) at).getValue();
                double end = at + left * nanosPerByte;
                if (change == null || end <= change) {
                    return end;
                }
                left -= (change - at) / nanosPerByte;
                at = change;
            }
        }
    }
}
