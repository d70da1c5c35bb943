package dev.cleave.gateway.trial;

import java.io.IOException;
import java.io.InputStream;

/**
 * What a child writes to one of its pipes, read on a thread of its own so that the child never waits for a reader, of
 * which no more than a bound is held: the beginning, or the end. Thread-safe.
 */
final class BoundedText {
    private static final int PIECE = 8192;
    private static final long JOIN_MILLIS = 2_000;

    private final byte[] held;
    private final boolean theEnd;
    private final Thread reader;
    private int length;
    private long total;

    private BoundedText(InputStream from, int most, boolean theEnd, String name) {
        this.held = new byte[most];
        this.theEnd = theEnd;
        this.reader = new Thread(() -> drain(from), name);
        reader.setDaemon(true);
        reader.start();
    }

    /** Holds the first bytes. */
    static BoundedText first(InputStream from, int most) {
        return new BoundedText(from, most, false, "cleave-trial-output");
    }

    /** Holds the last bytes. */
    static BoundedText last(InputStream from, int most) {
        return new BoundedText(from, most, true, "cleave-trial-errors");
    }

    private void drain(InputStream from) {
        byte[] piece = new byte[PIECE];
        try (InputStream in = from) {
            for (int read = in.read(piece); read >= 0; read = in.read(piece)) {
                take(piece, read);
            }
        } catch (IOException ended) {
            // With the process.
        }
    }

    private synchronized void take(byte[] piece, int count) {
        total += count;
        int kept = Math.min(count, held.length);
        if (theEnd && length + kept > held.length) {
            int gone = length + kept - held.length;
            System.arraycopy(held, gone, held, 0, length - gone);
            length -= gone;
        }
        kept = Math.min(kept, held.length - length);
        System.arraycopy(piece, theEnd ? count - kept : 0, held, length, kept);
        length += kept;
    }

    /** Waits for the end of the pipe, for a moment: a child's child may hold it open. */
    void await() throws InterruptedException {
        reader.join(JOIN_MILLIS);
    }

    /** Whether there was more than is held. */
    synchronized boolean isCut() {
        return total > length;
    }

    synchronized byte[] bytes() {
        byte[] copy = new byte[length];
        System.arraycopy(held, 0, copy, 0, length);
        return copy;
    }
}
