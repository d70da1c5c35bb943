package dev.cleave.edge.estimate;

import java.util.concurrent.TimeUnit;

/**
 * Whether a stream that owes an acknowledgement is silent for too long. Pure; not thread-safe, owned by a stream.
 *
 * <pre>
 * overdue at   later of (first byte handed over, anything heard) + allowance
 * allowance    round trip + bytes * e^deviation / rate + 4 * jitter + 200 ms;   500 ms while there is no rate
 * </pre>
 *
 * <p>Bytes are those up to what should be acknowledged next, not all that are in flight: else every further frame that
 * is sent into a dead link would put off the moment at which that is noticed.
 */
public final class AckWatch {
    /** Of {@link #nanosUntilOverdue} if nothing is owed. */
    public static final long NEVER = Long.MAX_VALUE;

    static final long GRACE_NANOS = TimeUnit.MILLISECONDS.toNanos(200);
    static final long UNKNOWN_NANOS = TimeUnit.MILLISECONDS.toNanos(500);
    private static final int JITTERS = 4;

    private long heardNanos;

    public AckWatch(long nowNanos) {
        heardNanos = nowNanos;
    }

    /** A message came, whatever it is. */
    public void heard(long nowNanos) {
        heardNanos = nowNanos;
    }

    /**
     * @param owed null if nothing is
     * @return 0 or less if the stream is overdue, {@link #NEVER} if nothing is owed
     */
    public long nanosUntilOverdue(Owed owed, LinkConditions link, long nowNanos) {
        if (owed == null) {
            return NEVER;
        }
        long waited = Math.min(nowNanos - owed.sinceNanos(), nowNanos - heardNanos);
        return allowanceNanos(owed, link) - waited;
    }

    /**
     * How long the acknowledgement may take.
     *
     * @param owed null if nothing is
     */
    public long allowanceNanos(Owed owed, LinkConditions link) {
        if (owed == null || Double.isNaN(link.uplinkNanosPerByte())) {
            return UNKNOWN_NANOS;
        }
        double serialisation = owed.bytes() * link.uplinkNanosPerByte() * Math.exp(link.rateDeviation());
        return link.rttNanos() + (long) serialisation + JITTERS * link.jitterNanos() + GRACE_NANOS;
    }
}
