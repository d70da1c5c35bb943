package dev.cleave.edge.link;

/**
 * Whom a stream tells about its life: once {@code opened} at most, then once {@code ended}; doubt and trust alternate in
 * between. Failures do not name the address. Called without a lock.
 */
interface StreamOwner {
    void opened(GatewayStream stream);

    /** The gateway asks for a new stream; this one takes no more requests and ends when the last is answered. */
    void draining(GatewayStream stream);

    /** The gateway should have said something by now, and has not. */
    void doubted(GatewayStream stream, LinkFailure why);

    /** After a doubt, something was heard. */
    void trusted(GatewayStream stream);

    /** @param retryAfterNanos the gateway's wish, 0 if it has none */
    void ended(GatewayStream stream, LinkFailure failure, long retryAfterNanos);
}
