package dev.cleave.gateway.http;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ReadPendingException;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.io.ManagedSelector;
import org.eclipse.jetty.io.SocketChannelEndPoint;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.Callback;

/** A caller's socket: its stage has an end ({@link SlowCallers}), and where nothing is encrypted its caller is watched. */
final class WatchedEndPoint extends SocketChannelEndPoint implements CallerWatch {
    private final WatchedInput input;
    /** When its stage must be over; null: it has no end of its own. */
    private volatile Long dueNanos;

    WatchedEndPoint(ServerConnector connector, SocketChannel channel, ManagedSelector selector, SelectionKey key) {
        super(channel, selector, key, connector.getScheduler());
        this.input = new WatchedInput(new Socket(), connector.getExecutor());
    }

    /** The socket under a connection's endpoint, or null. */
    static WatchedEndPoint of(EndPoint endPoint) {
        EndPoint socket = endPoint instanceof EndPoint.Wrapper encrypted ? encrypted.unwrap() : endPoint;
        return socket instanceof WatchedEndPoint watched ? watched : null;
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
    public void whenGone(Runnable gone) {
        input.whenGone(gone);
    }

    @Override
    public void fillInterested(Callback callback) {
        if (!input.tryFillInterested(callback)) {
            throw new ReadPendingException();
        }
    }

    @Override
    public boolean tryFillInterested(Callback callback) {
        return input.tryFillInterested(callback);
    }

    @Override
    public boolean isFillInterested() {
        return input.isFillInterested();
    }

    @Override
    public int fill(ByteBuffer buffer) throws IOException {
        return input.fill(buffer);
    }

    private final class Socket implements WatchedInput.Source {
        @Override
        public int fill(ByteBuffer buffer) throws IOException {
            return WatchedEndPoint.super.fill(buffer);
        }

        @Override
        public void fillInterested(Callback callback) {
            WatchedEndPoint.super.fillInterested(callback);
        }
    }
}
