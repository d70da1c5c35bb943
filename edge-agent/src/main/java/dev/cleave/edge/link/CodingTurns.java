package dev.cleave.edge.link;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/**
 * Frames that wait to be coded: one at a time, in the order in which they came, and not before there is little left to send, small ones
 * apart. So what waits long is held once, as what it is coded from, rather than coded as well. Pure; not thread-safe, guarded by the
 * stream's lock.
 */
final class CodingTurns {
    /** Coded and not handed over: what the next frame's coding is hidden behind. */
    static final long AHEAD_BYTES = 1L << 20;

    private final Deque<FrameSource> waiting = new ArrayDeque<>();
    /** Being coded; null for none. */
    private FrameSource current;

    void add(FrameSource source) {
        waiting.add(source);
    }

    /** It was coded, or will not be. */
    void remove(ReplyHandler source) {
        if (source == current) {
            current = null;
        } else {
            waiting.removeIf(other -> other == source);
        }
    }

    /**
     * Whose turn it is now, or null.
     *
     * @param unsentBytes of frames that were coded
     */
    FrameSource next(long unsentBytes) {
        if (current != null) {
            return null;
        }
        current = unsentBytes < AHEAD_BYTES ? waiting.poll() : firstSmall();
        return current;
    }

    /** A small frame is not held up by the rest of a large one: it overtakes it in the queue, too. */
    private FrameSource firstSmall() {
        for (FrameSource source : waiting) {
            if (source.isSmall()) {
                waiting.remove(source);
                return source;
            }
        }
        return null;
    }

    List<FrameSource> waiting() {
        return new ArrayList<>(waiting);
    }

    /** Everybody who waits; then nobody does. */
    List<FrameSource> takeAll() {
        List<FrameSource> all = waiting();
        waiting.clear();
        return all;
    }
}
