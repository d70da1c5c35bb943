package dev.cleave.gateway.identity;

/**
 * How much of a rate is used up: a token bucket, kept as the moment at which it is full again (the generic cell rate algorithm, ITU-T I.371). Costs and depth
 * are times: what they take at the rate. Pure; not thread-safe.
 */
final class TokenBucket {
    private long fullAtNanos;

    /** Full from the start. */
    TokenBucket(long nowNanos) {
        fullAtNanos = nowNanos;
    }

    /**
     * How long until there is enough in it. What costs more than the bucket holds needs a full one.
     *
     * @param depthNanos what it holds
     * @return 0: now. Else exactly so long, if nothing is taken before
     */
    long nanosUntil(long costNanos, long depthNanos, long nowNanos) {
        long used = Math.max(0, fullAtNanos - nowNanos);
        return Math.max(0, used - Math.max(0, depthNanos - costNanos));
    }

    /** Takes what is in it, or is to come. */
    void take(long costNanos, long nowNanos) {
        fullAtNanos = Math.max(0, fullAtNanos - nowNanos) + nowNanos + costNanos;
    }

    void giveBack(long costNanos) {
        fullAtNanos -= costNanos;
    }
}
