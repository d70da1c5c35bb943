package dev.cleave.partition.profile;

import java.time.Duration;

/**
 * How long something is measured.
 *
 * @param minRuns of everything, however long they take
 * @param maxRuns of everything
 * @param time after which no further round begins once there were {@code minRuns}; loading and warm-up apart
 * @param sessionBytes that sessions may need at the same time, as {@link MemoryEstimate} has it; one head, its tail and
 *     the whole are loaded in any case
 */
public record TimingLimits(int minRuns, int maxRuns, Duration time, long sessionBytes) {
    public TimingLimits {
        if (minRuns < 1 || maxRuns < minRuns || time.isNegative() || sessionBytes < 0) {
            throw new IllegalArgumentException("limits of " + minRuns + " to " + maxRuns + " runs, " + time.toMillis()
                    + " ms, " + sessionBytes + " bytes; expected at least 1 run, and nothing negative");
        }
    }

    /** 7 to 50 runs, half a minute, 1.5 GiB of sessions. */
    public static TimingLimits defaults() {
        return new TimingLimits(7, 50, Duration.ofSeconds(30), 3L << 29);
    }

    public TimingLimits withRuns(int min, int max) {
        return new TimingLimits(min, max, time, sessionBytes);
    }

    public TimingLimits withTime(Duration value) {
        return new TimingLimits(minRuns, maxRuns, value, sessionBytes);
    }

    public TimingLimits withSessionBytes(long value) {
        return new TimingLimits(minRuns, maxRuns, time, value);
    }
}
