package dev.cleave.gateway.limit;

import com.netflix.concurrency.limits.Limiter;
import java.util.concurrent.atomic.AtomicReference;

/** A request's place in the house. Given back once, by whichever of its methods is called first; later calls do nothing. Thread-safe. */
public final class Permit {
    /** Where nothing is counted. */
    static final Permit NONE = new Permit(null);

    private final AtomicReference<Limiter.Listener> listener;

    Permit(Limiter.Listener listener) {
        this.listener = new AtomicReference<>(listener);
    }

    /** The request got its outputs: how long that took is learned from. */
    public void answered() {
        Limiter.Listener held = listener.getAndSet(null);
        if (held != null) {
            held.onSuccess();
        }
    }

    /** It was given up because it had waited for too long. */
    public void dropped() {
        Limiter.Listener held = listener.getAndSet(null);
        if (held != null) {
            held.onDropped();
        }
    }

    /** It ended for a reason that says nothing of the load. */
    public void withdrawn() {
        Limiter.Listener held = listener.getAndSet(null);
        if (held != null) {
            held.onIgnore();
        }
    }
}
