package dev.cleave.edge.link;

import dev.cleave.edge.estimate.AckWatch;
import java.util.concurrent.TimeUnit;

/**
 * Whether a stream is still believed in. Pure; not thread-safe, guarded by the stream's lock.
 *
 * <pre>
 * TRUSTED --acknowledgement overdue--> DOUBTED --2 s, or what is owed would take as long again--> given up
 *    ^                                    |
 *    +---------- anything heard ----------+
 * </pre>
 *
 * <p>Doubt costs little, as answers are still taken, so it comes early; giving up throws away what is under way, and on a slow
 * link that may be one large frame, so it waits for as long as that frame would take once more.
 */
final class Suspicion {
    /** What is to be done. */
    enum Verdict {
        NOTHING,
        /** Doubt begins. */
        DOUBT,
        GIVE_UP
    }

    static final long GIVE_UP_NANOS = TimeUnit.SECONDS.toNanos(2);

    private boolean doubted;
    private long doubtedNanos;
    private long patienceNanos;

    boolean isDoubted() {
        return doubted;
    }

    /** A message came; whether that ends a doubt. */
    boolean heard() {
        boolean was = doubted;
        doubted = false;
        return was;
    }

    /**
     * @param untilOverdueNanos as {@link AckWatch#nanosUntilOverdue}
     * @param allowanceNanos that was given for what is owed, beyond the round trip's
     */
    Verdict check(long untilOverdueNanos, long allowanceNanos, long nowNanos) {
        if (doubted) {
            return nowNanos - doubtedNanos >= patienceNanos ? Verdict.GIVE_UP : Verdict.NOTHING;
        }
        if (untilOverdueNanos > 0) {
            return Verdict.NOTHING;
        }
        doubted = true;
        doubtedNanos = nowNanos;
        patienceNanos = Math.max(GIVE_UP_NANOS, allowanceNanos);
        return Verdict.DOUBT;
    }

    /** How long until a check may say something new; {@link AckWatch#NEVER} while nothing is owed. */
    long nanosUntilCheck(long untilOverdueNanos, long nowNanos) {
        if (doubted) {
            return Math.max(0, doubtedNanos + patienceNanos - nowNanos);
        }
        return untilOverdueNanos == AckWatch.NEVER ? AckWatch.NEVER : Math.max(0, untilOverdueNanos);
    }
}
