package dev.cleave.gateway.memory;

import java.util.concurrent.atomic.AtomicLong;

/**
 * How much all agents' streams together hold of one kind, and may hold. None of them gets more than a quarter, so that one agent cannot
 * take what others need. Thread-safe.
 */
public final class MemoryShares {
    private static final int SHARES = 4;

    private final long most;
    private final AtomicLong held = new AtomicLong();

    /** @param most bytes; 0: nothing is held */
    public MemoryShares(long most) {
        this.most = most;
    }

    /** The most that one stream may hold, in bytes. */
    public long share() {
        return most / SHARES;
    }

    /**
     * Takes memory for a stream.
     *
     * @param ofStream bytes that this stream holds already
     * @return false if it may not have as much more; nothing is taken then
     */
    public boolean take(long bytes, long ofStream) {
        if (ofStream + bytes > share()) {
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

    public void giveBack(long bytes) {
        held.addAndGet(-bytes);
    }

    /** Whether so little is left that what was not used for a while should make room for others. */
    public boolean isShort() {
        return held.get() > most - most / SHARES;
    }

    /** Bytes that are held. */
    public long held() {
        return held.get();
    }
}
