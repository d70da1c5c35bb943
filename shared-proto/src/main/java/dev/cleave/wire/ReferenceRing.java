package dev.cleave.wire;

import java.util.TreeMap;

/**
 * The frames of one video that later ones may be coded against, on the side that sends them or on the one that gets them: of those
 * that were put in, the {@value #CAPACITY} with the highest numbers. Pure; one owner.
 *
 * @param <R> what is held of a frame
 */
public final class ReferenceRing<R> {
    /** Frames that are held. */
    public static final int CAPACITY = 4;

    private final TreeMap<Long, R> held = new TreeMap<>(Long::compareUnsigned);

    /**
     * Holds a frame; one of the same number is held already, or the lowest number makes room.
     *
     * @param number unsigned, never used for another frame of the video
     * @return whether it is held now
     */
    public boolean hold(long number, R frame) {
        held.putIfAbsent(number, frame);
        if (held.size() > CAPACITY) {
            held.pollFirstEntry();
        }
        return held.containsKey(number);
    }

    /** A frame, or null if it is not held. */
    public R find(long number) {
        return held.get(number);
    }

    public void drop(long number) {
        held.remove(number);
    }

    /** Drops all frames with lower numbers. */
    public void dropBefore(long number) {
        held.headMap(number, false).clear();
    }

    public void clear() {
        held.clear();
    }

    public int size() {
        return held.size();
    }

    /** Those that are held, lowest number first. */
    public Iterable<R> frames() {
        return held.values();
    }
}
