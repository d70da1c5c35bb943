package dev.cleave.gateway.http;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ReadPendingException;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.util.concurrent.Executor;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.io.ManagedSelector;
import org.eclipse.jetty.io.SocketChannelEndPoint;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.BufferUtil;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.thread.Invocable;

/**
 * Notices that a caller closes his connection while his answer is being made: HTTP/1.1 has no word for giving up. Jetty does not read from a connection in that
 * time, so nobody would know before the answer is written.
 *
 * <p>Once the request was read whole, there is nothing to come but the end, or the first byte of a next request. This reads one byte, keeps it for the connection to read later,
 * and takes the end for the caller's leave (also that of a caller who only ends his sending). Whatever the connection itself wants to read goes first: from then on nothing is watched any more.
 */
public interface CallerWatch {
    /** @param gone called at most once, on one of the server's threads; not after the connection reads on */
    void whenGone(Runnable gone);

    /** That of the connection by which a request came. */
    static CallerWatch of(Request request) {
        EndPoint endPoint = request.getConnectionMetaData().getConnection().getEndPoint();
        return endPoint instanceof CallerWatch watch ? watch : gone -> {};
    }

    /** A connection that can be watched. */
    final class WatchedEndPoint extends SocketChannelEndPoint implements CallerWatch {
        private final Executor threads;
        private final ByteBuffer early = BufferUtil.allocate(1);
        private final Callback fillable = new Fillable();
        /** Whether {@link #fillable} is registered, on whose behalf ever. */
        private boolean registered;
        /** What the connection wants to be told, if it does. */
        private Callback connection;
        /** Whom to tell of the caller's leave; null: nobody watches. */
        private Runnable watcher;
        /** When its stage must be over; null: it has no end of its own. */
        private volatile Long dueNanos;

        WatchedEndPoint(ServerConnector connector, SocketChannel channel, ManagedSelector selector, SelectionKey key) {
            super(channel, selector, key, connector.getScheduler());
            this.threads = connector.getExecutor();
        }

        /** @param nanos by which something must have been done, or null */
        void due(Long nanos) {
            dueNanos = nanos;
        }

        boolean isOverdue(long nowNanos) {
            Long due = dueNanos;
            return due != null && nowNanos - due > 0;
        }

        @Override
        public synchronized void whenGone(Runnable gone) {
            if (connection == null && !early.hasRemaining()) {
                watcher = gone;
                register();
            }
        }

        private void register() {
            if (!registered) {
                registered = true;
                super.fillInterested(fillable);
            }
        }

        @Override
        public void fillInterested(Callback callback) {
            if (!tryFillInterested(callback)) {
                throw new ReadPendingException();
            }
        }

        @Override
        public boolean tryFillInterested(Callback callback) {
            synchronized (this) {
                if (connection != null) {
                    return false;
                }
                watcher = null;
                if (!early.hasRemaining()) {
                    connection = callback;
                    register();
                    return true;
                }
            }
            threads.execute(callback::succeeded);
            return true;
        }

        @Override
        public synchronized boolean isFillInterested() {
            return connection != null;
        }

        @Override
        public synchronized int fill(ByteBuffer buffer) throws IOException {
            watcher = null;
            if (!early.hasRemaining()) {
                return super.fill(buffer);
            }
            BufferUtil.append(buffer, early);
            return 1 + Math.max(0, super.fill(buffer));
        }

        /** What the selector tells: to the connection if it asked, else to the watcher. */
        private final class Fillable implements Callback {
            @Override
            public void succeeded() {
                Callback reader;
                Runnable gone;
                synchronized (WatchedEndPoint.this) {
                    registered = false;
                    reader = connection;
                    connection = null;
                    gone = reader == null && watcher != null ? look() : null;
                }
                if (reader != null) {
                    reader.succeeded();
                } else if (gone != null) {
                    gone.run();
                }
            }

            /** @return the watcher if the caller has gone */
            private Runnable look() {
                int filled;
                try {
                    filled = WatchedEndPoint.super.fill(early);
                } catch (IOException broken) {
                    filled = -1;
                }
                if (filled == 0) {
                    register();
                    return null;
                }
                Runnable gone = filled < 0 ? watcher : null;
                watcher = null;
                return gone;
            }

            @Override
            public void failed(Throwable cause) {
                Callback reader;
                Runnable gone;
                synchronized (WatchedEndPoint.this) {
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
}
