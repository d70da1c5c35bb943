package dev.cleave.gateway.oip.http;

import java.util.concurrent.atomic.AtomicLong;

/** What all bodies together may take that are being received or read. Thread-safe. */
final class BodyMemory {
    private final long most;
    private final AtomicLong held = new AtomicLong();

    /** @param most bytes */
    BodyMemory(long most) {
        this.most = most;
    }

    /** @return false if there is not as much left; nothing is taken then */
    boolean take(long bytes) {
        if (held.addAndGet(bytes) <= most) {
            return true;
        }
        held.addAndGet(-bytes);
        return false;
    }

    void giveBack(long bytes) {
        held.addAndGet(-bytes);
    }

    long held() {
        return held.get();
    }
}
