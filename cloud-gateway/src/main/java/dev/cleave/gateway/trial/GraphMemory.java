package dev.cleave.gateway.trial;

import dev.cleave.gateway.config.ByteText;
import java.io.IOException;
import java.io.InterruptedIOException;

/**
 * What graphs of plain models may take of the heap at a time, from when one is read until a session was made of it. Who finds no room
 * waits until another one is done; what never fits is refused. Thread-safe.
 *
 * <p>A graph counts {@value #COPIES} times: an engine that ties its weights to files writes it anew.
 */
public final class GraphMemory {
    private static final int COPIES = 2;

    private final long most;
    private final String share;
    private long held;

    private GraphMemory(long most, String share) {
        this.most = most;
        this.share = share;
    }

    /** @param part 2: one half of this process's heap */
    public static GraphMemory ofHeap(int part) {
        return new GraphMemory(Runtime.getRuntime().maxMemory() / part, "1/" + COPIES * part + " of the heap (-Xmx)");
    }

    /** So many bytes. */
    public static GraphMemory of(long bytes) {
        return new GraphMemory(bytes, "what is set aside for graphs");
    }

    /** As much as there is, for a process that does nothing else. */
    static GraphMemory all() {
        return of(Long.MAX_VALUE);
    }

    /**
     * Asks whether a graph fits at all.
     *
     * @param label what messages call it
     * @throws IOException if it does not
     */
    void require(String label, long bytes) throws IOException {
        if (bytes > most / COPIES) {
            throw new IOException(label + " has " + ByteText.of(bytes) + "; expected at most "
                    + ByteText.of(most / COPIES) + " in one file, which is " + share
                    + ", and weights beyond that as external data");
        }
    }

    /**
     * Takes room for a graph; to be given back by {@link #release}.
     *
     * @throws IOException if it never fits, or the thread is interrupted while it waits
     */
    synchronized void take(String label, long bytes) throws IOException {
        require(label, bytes);
        try {
            while (held > most - COPIES * bytes) {
                wait();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException(label + " was not read: interrupted while it waited for room in the heap");
        }
        held += COPIES * bytes;
    }

    synchronized void release(long bytes) {
        held -= COPIES * bytes;
        notifyAll();
    }
}
