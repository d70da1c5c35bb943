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

    /** A frame on its way: how many there were with it, and whether it was one more than the limit. */
    record Pace(int onTheirWay, boolean trial, long sentNanos) {}

    private final WindowedMinimum shortest = new WindowedMinimum(WINDOW_NANOS);
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
    boolean allows(int onTheirWay) {
        return onTheirWay < limit || onTheirWay == limit && limit < MOST && !trying && answersSinceTrial >= TRIAL_PAUSE;
    }

    /** A frame is sent; {@code onTheirWay} counts it. */
    Pace sent(int onTheirWay, long nowNanos) {
        boolean trial = onTheirWay > limit;
        trying |= trial;
        return new Pace(onTheirWay, trial, nowNanos);
    }

    /** The gateway answered it. */
    void answered(Pace pace, long nowNanos) {
        double taken = Math.max(1, nowNanos - pace.sentNanos());
        shortest.add(taken, nowNanos);
        double queued = pace.onTheirWay() * (1 - shortest.get(nowNanos) / taken);
        answersSinceTrial++;
        if (pace.trial()) {
            trying = false;
            answersSinceTrial = 0;
            limit += queued < QUEUED_LITTLE && limit < MOST ? 1 : 0;
        } else if (queued > QUEUED_MUCH && pace.onTheirWay() <= limit) {
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
