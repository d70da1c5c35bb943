package dev.cleave.edge.stream;

import java.util.HashMap;
import java.util.Map;

/**
 * Tells the ends of frames in the order in which the frames were submitted, whatever the order in which they end. Pure; one owner, not
 * thread-safe.
 *
 * @param <E> how a frame ended
 */
public final class FrameOrder<E> {
    private final Map<Long, E> ends = new HashMap<>();
    private long submitted;
    private long told;

    /** Another frame; returns its number, from 1. */
    public long submit() {
        return ++submitted;
    }

    /** A frame has ended; of a second end of the same frame nothing is kept. */
    public void end(long number, E end) {
        if (number > told && number <= submitted) {
            ends.putIfAbsent(number, end);
        }
    }

    /** The next end to be told, or null while that frame has not ended. */
    public E poll() {
        E end = ends.remove(told + 1);
        told += end == null ? 0 : 1;
        return end;
    }

    /** Frames whose end was not told yet. */
    public long open() {
        return submitted - told;
    }
}
