package dev.cleave.gateway.video;

import java.util.concurrent.atomic.AtomicLong;

/** How much all streams together hold of their videos, and may hold. Thread-safe. */
public final class ReferenceMemory {
    private final long most;
    private final AtomicLong held = new AtomicLong();

    /** @param most bytes; 0: nothing is held, and agents send every frame alone */
    public ReferenceMemory(long most) {
        this.most = most;
    }

    /** @return false if there is not as much left; nothing is taken then */
    boolean take(long bytes) {
        if (held.addAndGet(bytes) > most) {
            held.addAndGet(-bytes);
            return false;
        }
        return true;
    }

    void giveBack(long bytes) {
        held.addAndGet(-bytes);
    }

    /** Bytes that are held. */
    public long held() {
        return held.get();
    }
}
