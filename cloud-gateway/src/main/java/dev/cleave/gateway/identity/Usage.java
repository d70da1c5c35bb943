package dev.cleave.gateway.identity;

import java.util.Objects;

/** What a device has used up of what it may, whichever of its tokens it showed. Outlives the tables of tokens. Thread-safe; time is an argument. */
final class Usage {
    private TokenBucket requests;
    private TokenBucket bytes;
    /** At which the two are filled. */
    private Rate requestRate;

    private Rate byteRate;
    private int streams;

    Usage(long nowNanos) {
        requests = new TokenBucket(nowNanos);
        bytes = new TokenBucket(nowNanos);
    }

    /** What is used up is counted in time at a rate: with another rate it begins anew. */
    private void atRatesOf(Grant grant, long nowNanos) {
        if (!Objects.equals(requestRate, grant.requests())) {
            requestRate = grant.requests();
            requests = new TokenBucket(nowNanos);
        }
        if (!Objects.equals(byteRate, grant.bytes())) {
            byteRate = grant.bytes();
            bytes = new TokenBucket(nowNanos);
        }
    }

    /** @return null: charged; else what is used up, and nothing is charged */
    synchronized Overdraft charge(Grant grant, long size, long nowNanos) {
        atRatesOf(grant, nowNanos);
        long requestCost = grant.requests() == null ? 0 : grant.requests().nanosFor(1);
        long byteCost = grant.bytes() == null ? 0 : grant.bytes().nanosFor(size);
        if (grant.requests() != null) {
            long wait = requests.nanosUntil(requestCost, grant.requestDepthNanos(), nowNanos);
            if (wait > 0) {
                return new Overdraft(Overdraft.Of.REQUESTS, wait);
            }
        }
        if (grant.bytes() != null) {
            long wait = bytes.nanosUntil(byteCost, grant.byteDepthNanos(), nowNanos);
            if (wait > 0) {
                return new Overdraft(Overdraft.Of.BYTES, wait);
            }
        }
        requests.take(requestCost, nowNanos);
        bytes.take(byteCost, nowNanos);
        return null;
    }

    /** A request that was charged is not taken in after all. */
    synchronized void giveBack(Grant grant, long size) {
        if (grant.requests() != null && grant.requests().equals(requestRate)) {
            requests.giveBack(requestRate.nanosFor(1));
        }
        if (grant.bytes() != null && grant.bytes().equals(byteRate)) {
            bytes.giveBack(byteRate.nanosFor(size));
        }
    }

    /**
     * @param grant null: there is none any more, and no bound
     * @return false if as many are open as may be
     */
    synchronized boolean openStream(Grant grant) {
        if (grant != null && grant.streams() > 0 && streams >= grant.streams()) {
            return false;
        }
        streams++;
        return true;
    }

    synchronized void closeStream() {
        streams--;
    }
}
