package dev.cleave.edge.link;

/**
 * Whom a stream tells about its life: once {@code opened} at most, then once {@code ended}. Failures do not name the address. Called
 * without a lock, by several threads: what one tells may arrive after what another has told later.
 */
interface StreamOwner {
    void opened(GatewayStream stream);

    /** The gateway asks for a new stream; this one takes no more requests and ends when the last is answered. */
    void draining(GatewayStream stream);

    /** A doubt has begun or ended: {@link GatewayStream#isDoubted} is to be asked. */
    void trustChanged(GatewayStream stream);

    /** @param retryAfterNanos the gateway's wish, 0 if it has none */
    void ended(GatewayStream stream, LinkFailure failure, long retryAfterNanos);
}
