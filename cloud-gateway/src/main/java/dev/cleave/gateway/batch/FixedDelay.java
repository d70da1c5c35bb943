package dev.cleave.gateway.batch;

import java.util.HashMap;
import java.util.Map;

/**
 * An outlook with a delay that was set by hand, counted from the oldest task of a batch: not from the latest, as a steady trickle must not
 * postpone for ever. The expected run time is, per split point, an exponentially weighted
 * mean of the runs so far, whatever their size: good enough to close a batch before a deadline and to tell an agent
 * when to come back. What a run takes at least is kept by size.
 */
public final class FixedDelay implements BatchOutlook {
    private static final double WEIGHT_OF_LATEST = 0.2;

    private final long delayNanos;
    private final Map<Integer, Double> meanRunNanos = new HashMap<>();
    private final Map<Integer, RunTimes> times = new HashMap<>();

    /** @param delayNanos 0 or more */
    public FixedDelay(long delayNanos) {
        if (delayNanos < 0) {
            throw new IllegalArgumentException("queue delay of " + delayNanos + " ns; expected 0 or more");
        }
        this.delayNanos = delayNanos;
    }

    @Override
    public long closeAtNanos(BatchKey key, int rows, long oldestNanos, long readyNanos, long nowNanos) {
        return delayNanos == 0 ? AT_ONCE : oldestNanos + delayNanos;
    }

    @Override
    public long runNanos(BatchKey key, int rows) {
        return meanRunNanos.getOrDefault(key.point(), 0.0).longValue();
    }

    @Override
    public long leastNanos(BatchKey key, int rows) {
        RunTimes known = times.get(key.point());
        return known == null ? 0 : (long) known.least(rows);
    }

    @Override
    public void forgetRuns() {
        meanRunNanos.clear();
        times.clear();
    }

    @Override
    public void ran(BatchKey key, int rows, long nanos, long nowNanos) {
        times.computeIfAbsent(key.point(), point -> new RunTimes()).add(rows, nanos);
        meanRunNanos.merge(key.point(), (double) nanos, (mean, latest) -> mean + WEIGHT_OF_LATEST * (latest - mean));
    }
}
