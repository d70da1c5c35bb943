package dev.cleave.gateway.model;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * The streams that agents hold open for a model, and whether it takes more: both under one lock, so that no stream is taken by a model
 * that drains. Thread-safe.
 */
final class OpenStreams {
    private final Set<OpenStream> open = new LinkedHashSet<>();
    private long ever;
    private volatile boolean draining;

    /** False if none is taken any more. */
    synchronized boolean add(OpenStream stream) {
        boolean taken = !draining && open.add(stream);
        ever += taken ? 1 : 0;
        return taken;
    }

    synchronized void remove(OpenStream stream) {
        open.remove(stream);
    }

    /** Those that were ever open. */
    synchronized long ever() {
        return ever;
    }

    synchronized List<OpenStream> now() {
        return List.copyOf(open);
    }

    boolean isDraining() {
        return draining;
    }

    /** From now on none is taken. */
    synchronized void drain() {
        draining = true;
    }

    /** The same, unless one is open; false if one is. */
    synchronized boolean drainIfUnused() {
        draining |= open.isEmpty();
        return open.isEmpty();
    }
}
