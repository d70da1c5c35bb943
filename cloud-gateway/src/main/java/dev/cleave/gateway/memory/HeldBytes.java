package dev.cleave.gateway.memory;

import java.util.concurrent.atomic.AtomicLong;

/**
 * How many bytes requests hold while they wait or run, of all models together and of each, and how many they may. Thread-safe.
 *
 * <p>No model has a fixed part, since what it does not use would be nobody's. Instead a model may hold at most eight times what is
 * <i>free</i> (dynamic thresholds: Choudhury and Hahne, "Dynamic queue length thresholds for shared-memory packet switches", IEEE/ACM
 * Transactions on Networking 6(2), 1998). The bound moves by itself: one model under a flood gets eight ninths, two get eight
 * seventeenths each, and what is left then is for those that hold little.
 */
public final class HeldBytes {
    private static final int TIMES_FREE = 8;

    private final long most;
    private final AtomicLong all = new AtomicLong();

    /** What the requests of one model hold. */
    public static final class OfModel {
        private final AtomicLong held = new AtomicLong();

        /** Bytes that are held. */
        public long held() {
            return held.get();
        }
    }

    /** @param most bytes, all models together */
    public HeldBytes(long most) {
        this.most = most;
    }

    /**
     * Takes bytes for a request; {@link #giveBack} returns them. The bound of all is exact. That of a model may be passed by what other
     * threads take for it in the same moment, so that nobody is refused for bytes that are not kept.
     *
     * @return false if there are not so many left for its model; nothing is taken then
     */
    public boolean take(OfModel model, long bytes) {
        long before = all.get();
        while (bytes <= most - before && model.held.get() + bytes <= shareOf(most - before)) {
            if (all.compareAndSet(before, before + bytes)) {
                model.held.addAndGet(bytes);
                return true;
            }
            before = all.get();
        }
        return false;
    }

    public void giveBack(OfModel model, long bytes) {
        model.held.addAndGet(-bytes);
        all.addAndGet(-bytes);
    }

    /** Bytes that are held, all models together. */
    public long held() {
        return all.get();
    }

    /** The most that all models together may hold, in bytes. */
    public long most() {
        return most;
    }

    /** The most that one model may hold now, in bytes. */
    public long mostOfModel() {
        return shareOf(most - all.get());
    }

    private static long shareOf(long free) {
        return free > Long.MAX_VALUE / TIMES_FREE ? Long.MAX_VALUE : free * TIMES_FREE;
    }
}
