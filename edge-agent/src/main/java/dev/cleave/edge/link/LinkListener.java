package dev.cleave.edge.link;

/**
 * Told what becomes of the link, one word after another, in the order in which it happened. Called without a lock, by several
 * threads.
 */
public interface LinkListener {
    /**
     * The connection changed: requests that begin from now on go over this one, to whichever gateway. Told each time, also where
     * nothing was down in between: after a drain, or another network.
     *
     * <p>For what is to be let go of. A request on another thread may be ahead of it; what is bound to a connection, as a
     * reference to an earlier frame is, goes by {@link GatewayStream#connection} of the stream that it is sent on.
     */
    default void connected(Connection connection) {}

    /** Requests can cross. Alternates with {@link #down}, whichever is first. */
    void up(Connection connection);

    /** @param address of the gateway that was in use, or was tried first */
    void down(String address, LinkFailure why);
}
