package dev.cleave.edge.estimate;

import java.util.ArrayDeque;
import java.util.Deque;

/**
 * The smallest value of late. Pure; not thread-safe.
 *
 * <p>Kept are the values that may still become the smallest: each is larger and younger than the one before it. When
 * all are too old, the last one stays until there is another: an old answer is better than none.
 */
public final class WindowedMinimum {
    private record Sample(double value, long atNanos) {}

    private final long windowNanos;
    private final Deque<Sample> rising = new ArrayDeque<>();

    public WindowedMinimum(long windowNanos) {
        this.windowNanos = windowNanos;
    }

    public void add(double value, long nowNanos) {
        while (!rising.isEmpty() && rising.peekLast().value() >= value) {
            rising.pollLast();
        }
        rising.add(new Sample(value, nowNanos));
        dropOld(nowNanos);
    }

    /** NaN if there never was a value. */
    public double get(long nowNanos) {
        dropOld(nowNanos);
        return rising.isEmpty() ? Double.NaN : rising.peek().value();
    }

    private void dropOld(long nowNanos) {
        while (rising.size() > 1 && nowNanos - rising.peek().atNanos() > windowNanos) {
            rising.poll();
        }
    }
}
