package dev.cleave.cli.link;

import java.io.IOException;
import java.net.StandardSocketOptions;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;

/** One relayed connection: two sockets, two flows. Owned by the shaper's loop. */
final class Relay {
    private final SocketChannel client;
    private final SocketChannel target;
    private final SelectionKey clientKey;
    private final SelectionKey targetKey;
    private final Flow up;
    private final Flow down;
    private boolean connected;

    /** Both channels are non-blocking, and {@code target} is being connected; both belong to the relay from now on. */
    Relay(SocketChannel client, SocketChannel target, Flow up, Flow down, Selector selector) throws IOException {
        this.client = client;
        this.target = target;
        this.up = up;
        this.down = down;
        clientKey = client.register(selector, 0, this);
        targetKey = target.register(selector, SelectionKey.OP_CONNECT, this);
    }

    Flow up() {
        return up;
    }

    Flow down() {
        return down;
    }

    boolean isOpen() {
        return client.isOpen();
    }

    /** True once both directions have ended in the regular way. */
    boolean isFinished() {
        return up.isFinished() && down.isFinished();
    }

    /** Takes note of what the selector found on one of the two sockets. */
    void ready(SelectionKey key) throws IOException {
        if (key.isConnectable()) {
            connected = target.finishConnect();
        }
        boolean isClient = key == clientKey;
        if (key.isReadable()) {
            (isClient ? up : down).sourceIsReady();
        }
        if (key.isWritable()) {
            (isClient ? down : up).sinkIsReady();
        }
    }

    /** Tells the selector what to watch next. */
    void updateInterest() {
        if (connected) {
            clientKey.interestOps(interest(up, down));
            targetKey.interestOps(interest(down, up));
        }
    }

    private static int interest(Flow from, Flow to) {
        return (from.awaitsSource() ? SelectionKey.OP_READ : 0) | (to.awaitsSink() ? SelectionKey.OP_WRITE : 0);
    }

    /** Closes both sockets in the regular way. */
    void close() {
        closeQuietly(client);
        closeQuietly(target);
    }

    /** Closes both sockets so that the peers see a reset. */
    void reset() {
        reset(client);
        reset(target);
    }

    static void reset(SocketChannel channel) {
        try {
            channel.setOption(StandardSocketOptions.SO_LINGER, 0);
        } catch (IOException alreadyClosed) {
            // Then closing is all that is left to do.
        }
        closeQuietly(channel);
    }

    private static void closeQuietly(SocketChannel channel) {
        try {
            channel.close();
        } catch (IOException alreadyBroken) {
            // The descriptor is gone either way.
        }
    }
}
