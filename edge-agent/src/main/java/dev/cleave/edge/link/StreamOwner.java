package dev.cleave.edge.link;

/** Whom a stream tells about its life: once {@code opened} at most, then once {@code ended}. Called without a lock. */
interface StreamOwner {
    void opened(GatewayStream stream);

    /** The gateway asks for a new stream; this one takes no more requests and ends when the last is answered. */
    void draining(GatewayStream stream);

    /** @param retryAfterNanos the gateway's wish, 0 if it has none */
    void ended(GatewayStream stream, LinkFailure failure, long retryAfterNanos);
}
