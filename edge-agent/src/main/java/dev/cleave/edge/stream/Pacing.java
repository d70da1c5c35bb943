package dev.cleave.edge.stream;

import dev.cleave.edge.estimate.WindowedMinimum;
import java.util.concurrent.TimeUnit;

/**
 * How many frames of a stream may be on their way at once, so that the link and the gateway are kept busy and frames do not grow old in
 * their queues. Pure; time is an argument; not thread-safe.
 *
 * <p>Of {@code n} frames on their way, {@code n * (1 - shortest / taken)} wait in a queue rather than travel or run, where {@code taken} is
 * what a frame took from its sending to its answer, and {@code shortest} the least of late: the measure of TCP Vegas (Brakmo,
 * O'Malley, Peterson, SIGCOMM 1994). Frames are not packets: where one frame takes a second, a queue of one makes all answers twice as
 * old. So one more than the limit is only tried, as a single frame every {@value #TRIAL_PAUSE} answers and only while frames wait for
 * the limit; where it did not queue the limit is raised.
 *
 * <p>A trial makes its own answer older, and that of a frame which comes while both are on their way. So there is none where its outcome is
 * known: at limit 1 where one part of the way, the link or the gateway, has taken most of the last frame's time, and beyond that where
 * frames queue as it is. It begins when the frame before it has been on its way for a share of what frames usually take, a half at limit 1; a transport
 * that takes everything at once would otherwise have it queue for all of it.
 *
 * <pre>
 *   limit n --trial frame queued for less than half a frame's time--> n + 1
 *   limit n --a frame queued for more than three quarters of one----> n - 1, not below 1
 *   limit n --a frame came to nothing-------------------------------> n / 2, not below 1
 * </pre>
 */
final class Pacing {
    /** Frames on their way, at most: they are in memory here and there. */
    static final int MOST = 8;

    static final int TRIAL_PAUSE = 8;

    private static final double QUEUED_LITTLE = 0.5;
    private static final double QUEUED_MUCH = 0.75;
    private static final long WINDOW_NANOS = TimeUnit.SECONDS.toNanos(10);

    /** Of the whole: where the narrowest part of the way takes more, a second frame would wait rather than travel. */
    private static final double MOSTLY = 0.65;

    private static final double USUAL_WEIGHT = 1.0 / 8;

    /**
     * A frame on its way.
     *
     * @param onTheirWay how many there were with it
     * @param trial whether it was one more than the limit
     */
    record Pace(int onTheirWay, boolean trial, long sentNanos) {}

    private final WindowedMinimum shortest = new WindowedMinimum(WINDOW_NANOS);
    /** Of what frames take that are no trials; NaN before the first answer. */
    private double usualNanos = Double.NaN;

    /** Of the last frame: how far it queued, and whether one part of the way took most of its time. */
    private double queuedLast;

    private boolean narrowLast;
    private long sentNanos;
    private int limit = 1;
    private int answersSinceTrial;
    private boolean trying;

    int limit() {
        return limit;
    }

    /**
     * Whether another frame may start.
     *
     * @param onTheirWay frames that were sent and not answered
     */
    boolean allows(int onTheirWay, long nowNanos) {
        return onTheirWay < limit || onTheirWay == limit && mayTry(nowNanos);
    }

    private boolean mayTry(long nowNanos) {
        return limit < MOST
                && !trying
                && answersSinceTrial >= TRIAL_PAUSE
                && (limit == 1 ? !narrowLast : queuedLast < QUEUED_LITTLE)
                && nowNanos - sentNanos >= usualNanos / (limit + 1);
    }

    /** A frame is sent; {@code onTheirWay} counts it. */
    Pace sent(int onTheirWay, long nowNanos) {
        boolean trial = onTheirWay > limit;
        trying |= trial;
        sentNanos = nowNanos;
        return new Pace(onTheirWay, trial, nowNanos);
    }

    /**
     * The gateway answered it.
     *
     * @param narrowestNanos that it spent in the part of its way that takes one frame at a time for longest: crossing the link, say
     */
    void answered(Pace pace, long narrowestNanos, long nowNanos) {
        double taken = Math.max(1, nowNanos - pace.sentNanos());
        shortest.add(taken, nowNanos);
        double least = shortest.get(nowNanos);
        double queued = pace.onTheirWay() * (1 - least / taken);
        if (pace.trial()) {
            trying = false;
            answersSinceTrial = 0;
            limit += queued < QUEUED_LITTLE && limit < MOST ? 1 : 0;
            return;
        }
        answersSinceTrial++;
        queuedLast = queued;
        narrowLast = narrowestNanos > MOSTLY * taken;
        usualNanos = Double.isNaN(usualNanos) ? taken : usualNanos + USUAL_WEIGHT * (taken - usualNanos);
        if (queued > QUEUED_MUCH && pace.onTheirWay() <= limit) {
            limit = Math.max(1, limit - 1);
            answersSinceTrial = 0;
        }
    }

    /** It came to nothing, or the device had to help itself. */
    void lost(Pace pace) {
        trying &= !pace.trial();
        answersSinceTrial = 0;
        limit = Math.max(1, limit / 2);
    }
}
