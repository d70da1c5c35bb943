package dev.cleave.edge.link;

import dev.cleave.edge.estimate.LinkConditions;

/**
 * A rough estimate of one stream's round trip and uplink rate. Pure; not thread-safe, guarded by the stream's lock.
 *
 * <p>The round trip is the smallest that a ping or an ack has shown: everything above it is queueing. The uplink rate
 * is an exponentially weighted moving average over frames of at least {@link #RATE_SAMPLE_BYTES}: their bytes over the
 * time from the first chunk's hand-over to the ack, less one round trip. Frames that share the link in that time lower
 * it, which is what the next frame meets too.
 */
final class LinkEstimate {
    /** Smaller frames say more about the round trip than about the rate. */
    static final long RATE_SAMPLE_BYTES = 4096;

    private static final double WEIGHT = 0.25;

    private long rttNanos = -1;
    private double bytesPerNano;

    /** A ping of no size came back. */
    void roundTrip(long nanos) {
        rttNanos = rttNanos < 0 ? nanos : Math.min(rttNanos, nanos);
    }

    /** A frame of this size was acknowledged that long after its first chunk was handed over. */
    void acknowledged(long bytes, long elapsedNanos) {
        roundTrip(elapsedNanos);
        if (bytes >= RATE_SAMPLE_BYTES && elapsedNanos > rttNanos) {
            double sample = (double) bytes / (elapsedNanos - rttNanos);
            bytesPerNano = bytesPerNano == 0 ? sample : bytesPerNano + WEIGHT * (sample - bytesPerNano);
        }
    }

    /** Smallest round trip seen, 0 if none. */
    long rttNanos() {
        return Math.max(0, rttNanos);
    }

    LinkConditions conditions() {
        boolean known = bytesPerNano > 0;
        return new LinkConditions(
                known ? 1 / bytesPerNano : Double.NaN,
                Double.NaN,
                known ? 1 : Double.POSITIVE_INFINITY,
                rttNanos(),
                0,
                0,
                Double.NaN);
    }

    /** Until a frame of this size has arrived whole. */
    long uplinkNanos(long bytes) {
        return rttNanos() / 2 + (bytesPerNano == 0 ? 0 : (long) (bytes / bytesPerNano));
    }

    /** Until a small reply has arrived. */
    long downlinkNanos() {
        return rttNanos() / 2;
    }

    /**
     * What is left for the gateway of a deadline, in microseconds, at least 1: the time left less the estimated up- and
     * downlink. An estimate alone never takes more than three quarters of the time left: were it wrong, the request
     * would expire although it could have been answered.
     */
    long remainingMicros(long bytes, long nowNanos, long deadlineNanos) {
        long left = deadlineNanos - nowNanos;
        long afterLink = left - uplinkNanos(bytes) - downlinkNanos();
        return Math.max(1, Math.max(afterLink, left / 4) / 1000);
    }
}
