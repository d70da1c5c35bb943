package dev.cleave.gateway.video;

import java.util.concurrent.atomic.AtomicLong;

/**
 * How much all streams together hold of their videos, and may hold. No stream gets more than a quarter, so that one agent cannot take
 * what others need. Thread-safe.
 */
public final class ReferenceMemory {
    private static final int SHARES = 4;

    private final long most;
    private final AtomicLong held = new AtomicLong();

    /** @param most bytes; 0: nothing is held, and agents send every frame alone */
    public ReferenceMemory(long most) {
        this.most = most;
    }

    /**
     * Takes memory for a stream.
     *
     * @param ofStream bytes that this stream holds already
     * @return false if it may not have as much more; nothing is taken then
     */
    boolean take(long bytes, long ofStream) {
        if (ofStream + bytes > most / SHARES) {
            return false;
        }
        long before = held.get();
        while (before + bytes <= most) {
            if (held.compareAndSet(before, before + bytes)) {
                return true;
            }
            before = held.get();
        }
        return false;
    }

    void giveBack(long bytes) {
        held.addAndGet(-bytes);
    }

    /** Whether so little is left that quiet videos should make room for others. */
    boolean isShort() {
        return held.get() > most - most / SHARES;
    }

    /** Bytes that are held. */
    public long held() {
        return held.get();
    }
}
