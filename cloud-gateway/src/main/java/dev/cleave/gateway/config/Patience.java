package dev.cleave.gateway.config;

import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * How long a message or a body may take to come: a while whatever it is, and for what has come as long as a very slow link
 * needs for that. Who stops is given up after the while, who sends a byte now and then soon after; who is merely slow is not.
 *
 * @param least time that everybody has
 */
public record Patience(Duration least) {
    /** A slower sender is taken for one that wants to be waited for. */
    public static final long LEAST_BYTES_PER_SECOND = 1000;

    /** @param bytes that have come */
    public boolean isOver(long nanos, long bytes) {
        long seconds = bytes / LEAST_BYTES_PER_SECOND;
        return nanos > least.toNanos() + TimeUnit.SECONDS.toNanos(seconds);
    }

    /** What is told to who was too slow. */
    public String describe() {
        return "all of it within " + least.toMillis() / 1000.0 + " s, or " + LEAST_BYTES_PER_SECOND + " bytes a second";
    }
}
