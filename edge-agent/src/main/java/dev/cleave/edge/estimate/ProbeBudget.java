package dev.cleave.edge.estimate;

import java.util.concurrent.TimeUnit;

/**
 * When the next probe may go, and how large: a bucket that fills evenly and that probes empty. Pure; not thread-safe.
 *
 * <p>It holds a quarter of a minute's budget at most and gets the rest in the course of a minute, so no minute has more
 * bytes than the budget, whenever it begins. A probe leaves as much in the bucket as it takes: for the one that decides
 * when it raised a question.
 */
final class ProbeBudget {
    static final int MIN_BYTES = 1024;
    static final int MAX_BYTES = 32 * 1024;

    private static final double MINUTE_NANOS = TimeUnit.MINUTES.toNanos(1);
    private static final long INTERVAL_NANOS = TimeUnit.MILLISECONDS.toNanos(500);
    private static final long SOON_NANOS = TimeUnit.MILLISECONDS.toNanos(150);

    private final double capacityBytes;
    private final double bytesPerNano;
    private double heldBytes;
    private boolean any;
    private long lastNanos;

    /** @param bytesPerMinute 0 for no probes; under 8 KiB there are none either */
    ProbeBudget(long bytesPerMinute) {
        capacityBytes = Math.min(2 * MAX_BYTES, bytesPerMinute / 4.0);
        bytesPerNano = (bytesPerMinute - capacityBytes) / MINUTE_NANOS;
        heldBytes = capacityBytes;
    }

    /**
     * Takes a probe out of the budget.
     *
     * @param wantedBytes what would be a good size
     * @param soon whether the one before it raised a question
     * @return its bytes, or 0 for not now
     */
    int take(double wantedBytes, boolean soon, long nowNanos) {
        long passed = any ? nowNanos - lastNanos : INTERVAL_NANOS;
        double held = held(passed);
        int bytes = (int) Math.max(MIN_BYTES, Math.min(capacityBytes / 2, wantedBytes));
        if (passed < (soon ? SOON_NANOS : INTERVAL_NANOS) || held < (soon ? bytes : 2 * bytes)) {
            return 0;
        }
        return take(bytes, held, nowNanos);
    }

    /**
     * Takes the probe that decides a question, whenever the last one was: of what would be a good size, or less if the bucket does
     * not hold that.
     *
     * @return its bytes, or 0 for none
     */
    int takeAtOnce(double wantedBytes, long nowNanos) {
        double held = held(any ? nowNanos - lastNanos : 0);
        int bytes = (int) Math.max(MIN_BYTES, Math.min(Math.min(held, MAX_BYTES), wantedBytes));
        return held < bytes ? 0 : take(bytes, held, nowNanos);
    }

    private double held(long passedNanos) {
        return Math.min(capacityBytes, heldBytes + passedNanos * bytesPerNano);
    }

    private int take(int bytes, double held, long nowNanos) {
        heldBytes = held - bytes;
        any = true;
        lastNanos = nowNanos;
        return bytes;
    }
}
