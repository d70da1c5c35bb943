package dev.cleave.gateway.http;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.Executor;
import org.eclipse.jetty.util.BufferUtil;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.thread.Invocable;

/**
 * What stands between an endpoint and the connection that reads from it, so that a caller's leave is noticed. Owns the byte that was read too early.
 *
 * <p>Once the request was read whole, there is nothing to come but the end, or the first byte of a next request. This reads one byte, keeps it for the connection to read later,
 * and takes the end for the caller's leave (also that of a caller who only ends his sending). Whatever the connection itself wants to read goes first: from then on nothing is watched any more.
 *
 * <p>The lock guards fields for a few lines and is held for no call to elsewhere: under TLS the endpoint has a lock of its own, and calls back while it holds it. While the one byte is being
 * read, the connection finds nothing to read, and is told when that is over; so bytes keep their order. Thread-safe.
 */
final class WatchedInput {
    /** How the endpoint itself reads. */
    interface Source {
        /** @return bytes; 0: none at the moment; -1: the end */
        int fill(ByteBuffer buffer) throws IOException;

        /** Tells once when there is something to read; not called again before that. */
        void fillInterested(Callback callback);
    }

    private final Source source;
    private final Executor threads;
    private final ByteBuffer early = BufferUtil.allocate(1);
    private final Callback fillable = new Fillable();
    /** Whether {@link #fillable} is registered, on whose behalf ever. */
    private boolean registered;
    /** Whether a thread reads {@link #early}, which is its alone for so long. */
    private boolean looking;
    /** What the connection wants to be told, if it does. */
    private Callback connection;
    /** Whom to tell of the caller's leave; null: nobody watches. */
    private Runnable watcher;

    WatchedInput(Source source, Executor threads) {
        this.source = source;
        this.threads = threads;
    }

    /** As {@link CallerWatch#whenGone}. */
    void whenGone(Runnable gone) {
        synchronized (this) {
            if (connection != null || looking || early.hasRemaining()) {
                return;
            }
            watcher = gone;
            if (registered) {
                return;
            }
            registered = true;
        }
        source.fillInterested(fillable);
    }

    /** As the endpoint's method of this name. */
    boolean tryFillInterested(Callback callback) {
        boolean now;
        synchronized (this) {
            if (connection != null) {
                return false;
            }
            watcher = null;
            now = !looking && early.hasRemaining();
            if (!now) {
                connection = callback;
                if (looking || registered) { // The one who looks tells it, or what is registered.
                    return true;
                }
                registered = true;
            }
        }
        if (now) {
            threads.execute(callback::succeeded);
        } else {
            source.fillInterested(fillable);
        }
        return true;
    }

    synchronized boolean isFillInterested() {
        return connection != null;
    }

    /** As the endpoint's method of this name. */
    int fill(ByteBuffer buffer) throws IOException {
        int kept = 0;
        if (buffer.capacity() > 0) { // Else it is TLS that wants to get on, and nobody reads.
            synchronized (this) {
                if (looking) {
                    return 0;
                }
                watcher = null;
                kept = BufferUtil.append(buffer, early);
            }
        }
        int filled = source.fill(buffer);
        return kept == 0 ? filled : kept + Math.max(0, filled);
    }

    /** Reads one byte for the watcher; whoever came to read meanwhile is told of it. */
    private void look() {
        int filled;
        try {
            filled = source.fill(early);
        } catch (IOException broken) {
            filled = -1;
        }
        Callback reader = null;
        Runnable gone = null;
        synchronized (this) {
            looking = false;
            if (filled == 0) {
                registered = true;
            } else {
                reader = connection;
                connection = null;
                gone = filled < 0 ? watcher : null;
                watcher = null;
            }
        }
        if (filled == 0) {
            source.fillInterested(fillable);
        }
        if (reader != null) {
            reader.succeeded();
        }
        if (gone != null) {
            gone.run();
        }
    }

    /** What the endpoint tells: to the connection if it asked, else to the watcher. */
    private final class Fillable implements Callback {
        @Override
        public void succeeded() {
            Callback reader;
            synchronized (WatchedInput.this) {
                registered = false;
                reader = connection;
                connection = null;
                looking = reader == null && watcher != null;
                if (reader == null && !looking) {
                    return;
                }
            }
            if (reader != null) {
                reader.succeeded();
            } else {
                look();
            }
        }

        @Override
        public void failed(Throwable cause) {
            Callback reader;
            Runnable gone;
            synchronized (WatchedInput.this) {
                registered = false;
                reader = connection;
                connection = null;
                gone = watcher;
                watcher = null;
            }
            if (reader != null) {
                reader.failed(cause);
            } else if (gone != null) {
                gone.run();
            }
        }

        /** A connection's callback may block, and may come to be asked for at any time. */
        @Override
        public Invocable.InvocationType getInvocationType() {
            return Invocable.InvocationType.BLOCKING;
        }
    }
}
