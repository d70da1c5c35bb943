package dev.cleave.edge.link;

import io.grpc.SynchronizationContext;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * What the listener is told of the link: each connection, and ups and downs that alternate and name the gateway. News are put in line under
 * the link's lock, and told without it, one after another and in that order, by whoever comes first to {@link #tell}.
 */
final class LinkNews {
    private static final Logger LOG = Logger.getLogger(LinkNews.class.getName());

    private final LinkListener listener;
    private final SynchronizationContext line =
            new SynchronizationContext((thread, e) -> LOG.log(Level.SEVERE, "a listener of the link failed", e));
    // Guarded by the link's lock.
    /** Null unless the last word was that it is up. */
    private String upAt;

    private boolean down;

    LinkNews(LinkListener listener) {
        this.listener = listener;
    }

    /** Another stream is open. Under the lock. */
    void connected(Connection connection) {
        line.executeLater(() -> listener.connected(connection));
    }

    /** A stream is open and believed in. Under the lock. */
    void up(Connection connection) {
        String former = upAt;
        if (connection.address().equals(former)) {
            return;
        }
        upAt = connection.address();
        down = false;
        if (former != null) {
            LinkFailure left = LinkFailure.unavailable("gateway was left for " + connection.address());
            line.executeLater(() -> listener.down(former, left));
        }
        line.executeLater(() -> listener.up(connection));
    }

    /** No stream is open, or it is not believed in. Under the lock. */
    void down(String address, LinkFailure why) {
        if (down) {
            return;
        }
        down = true;
        upAt = null;
        line.executeLater(() -> listener.down(address, why));
    }

    /** Tells what is in line, unless another thread is at it, which then tells this, too. Without the lock. */
    void tell() {
        line.drain();
    }
}
