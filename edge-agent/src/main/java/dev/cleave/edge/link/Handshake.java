package dev.cleave.edge.link;

import java.util.concurrent.TimeUnit;

/**
 * The opening of one stream: how long it may take, what it took, and the terms that came of it. Not thread-safe, guarded by the
 * stream's lock.
 */
final class Handshake {
    private final Scheduler scheduler;
    private final long limitNanos;
    private final long begunNanos;
    private Scheduler.Timer timer = () -> {};
    private OpenTerms terms;
    private long tookNanos;

    /** Begins now. */
    Handshake(Scheduler scheduler, long limitNanos) {
        this.scheduler = scheduler;
        this.limitNanos = limitNanos;
        this.begunNanos = scheduler.nanoTime();
    }

    long begunNanos() {
        return begunNanos;
    }

    /** @param timedOut run without the lock when the time is up, unless it has ended */
    void limit(Runnable timedOut) {
        timer = scheduler.schedule(timedOut, scheduler.nanoTime() + limitNanos);
    }

    void succeeded(OpenTerms granted) {
        terms = granted;
        tookNanos = scheduler.nanoTime() - begunNanos;
        timer.cancel();
    }

    /** However the stream ended. */
    void ended() {
        timer.cancel();
    }

    /** Once it has succeeded. */
    OpenTerms terms() {
        return terms;
    }

    long tookNanos() {
        return tookNanos;
    }

    /** Why there is no stream when the time is up. */
    LinkFailure timeOut() {
        return LinkFailure.silent(
                "gateway did not open the stream within " + TimeUnit.NANOSECONDS.toMillis(limitNanos) + " ms");
    }
}
