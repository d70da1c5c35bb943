package dev.cleave.codec;

import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.Supplier;

/**
 * A few spare objects, shared by threads that each need one for a moment. Thread-safe, without locks: who finds none makes
 * one, and what finds no room is left to the collector.
 */
final class Spares<T> {
    private static final int ROOM = 8;

    private final AtomicReferenceArray<T> spares = new AtomicReferenceArray<>(ROOM);
    private final Supplier<T> maker;

    Spares(Supplier<T> maker) {
        this.maker = maker;
    }

    /** A spare object or a new one; the caller's alone until {@link #give}. */
    T take() {
        for (int i = 0; i < ROOM; i++) {
            T spare = spares.get(i) == null ? null : spares.getAndSet(i, null);
            if (spare != null) {
                return spare;
            }
        }
        return maker.get();
    }

    /** Gives an object back. */
    void give(T spare) {
        for (int i = 0; i < ROOM; i++) {
            if (spares.compareAndSet(i, null, spare)) {
                return;
            }
        }
    }
}
