package dev.cleave.gateway.oip;

import java.util.concurrent.TimeUnit;

/**
 * When a request is to be served: Triton's "Schedule Policy Extension" as far as it is known here.
 *
 * @param timeoutMicros from full receipt; 0: none
 * @param priority 1 goes first; 0: named none, goes after all that did
 */
public record Schedule(long timeoutMicros, int priority) {
    public static final Schedule NONE = new Schedule(0, 0);
    public static final String TIMEOUT = "timeout";
    public static final String PRIORITY = "priority";

    private static final int LEAST_PRIORITY = 999_999;

    /** @throws OipException for numbers that are none of a time and of a priority */
    public Schedule withTimeout(long micros) throws OipException {
        if (micros < 0) {
            throw OipException.malformed(
                    "parameter timeout is " + micros + "; expected microseconds, 0 or more (0: no deadline)");
        }
        return new Schedule(micros, priority);
    }

    public Schedule withPriority(long level) throws OipException {
        if (level < 0 || level > LEAST_PRIORITY) {
            throw OipException.malformed(
                    "parameter priority is " + level + "; expected 0 to " + LEAST_PRIORITY + ", 1 being the highest");
        }
        return new Schedule(timeoutMicros, (int) level);
    }

    /** As it is, or with less time. */
    public Schedule within(long remainingNanos) {
        long micros = Math.max(1, TimeUnit.NANOSECONDS.toMicros(remainingNanos));
        return timeoutMicros == 0 || micros < timeoutMicros ? new Schedule(micros, priority) : this;
    }

    /** The same as a frame's: higher goes first, 0 is normal. */
    int framePriority() {
        return priority == 0 ? 0 : LEAST_PRIORITY + 1 - priority;
    }
}
