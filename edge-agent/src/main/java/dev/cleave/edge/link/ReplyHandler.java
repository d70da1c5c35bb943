package dev.cleave.edge.link;

/**
 * What becomes of one frame. {@link #handedOver} and {@link #acknowledged} come at most once each, in this order, and
 * exactly one of {@link #replied} and {@link #failed} ends it. After a frame was cancelled nothing new comes, but what another thread was
 * about to tell still may: so {@link #handedOver}, in particular, of a frame whose first chunk was on its way to the transport.
 *
 * <p>Called on a thread of the transport, the head worker or the timer, never while a lock of the link is held.
 */
public interface ReplyHandler {
    /** The first chunk was given to the transport: the frame had credit. */
    void handedOver(long nowNanos);

    /**
     * The gateway has the whole frame.
     *
     * @param held number of the frame in its video if the gateway holds it for others to be coded against, else 0
     * @param nowNanos when it would have said so had it not read the frame first
     */
    void acknowledged(long held, long nowNanos);

    /** The gateway should have said something by now, and has not; a reply may still come. At any time, more than once. */
    void doubted(LinkFailure why);

    void replied(GatewayReply reply);

    void failed(LinkFailure failure);
}
