package dev.cleave.edge.link;

/**
 * What the listener was told last, so that ups and downs alternate and name the gateway. Not thread-safe, guarded by the link's
 * lock; what it returns is to be run without it, in the order in which it was returned.
 */
final class LinkNews {
    private static final Runnable NOTHING = () -> {};

    private final LinkListener listener;
    /** Null unless the last word was that it is up. */
    private String upAt;

    private boolean down;

    LinkNews(LinkListener listener) {
        this.listener = listener;
    }

    /** A stream is open and believed in. */
    Runnable up(Connection connection) {
        String former = upAt;
        if (connection.address().equals(former)) {
            return NOTHING;
        }
        upAt = connection.address();
        down = false;
        return () -> {
            if (former != null) {
                listener.down(former, LinkFailure.unavailable("gateway was left for " + connection.address()));
            }
            listener.up(connection);
        };
    }

    /** No stream is open, or it is not believed in. */
    Runnable down(String address, LinkFailure why) {
        if (down) {
            return NOTHING;
        }
        down = true;
        upAt = null;
        return () -> listener.down(address, why);
    }
}
