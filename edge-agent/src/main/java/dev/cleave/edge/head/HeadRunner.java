package dev.cleave.edge.head;

import dev.cleave.bundle.Bundle;
import dev.cleave.bundle.Contract;
import dev.cleave.edge.policy.DeviceTimes;
import dev.cleave.engine.Engine;
import dev.cleave.engine.EngineException;
import dev.cleave.engine.SessionOptions;
import dev.cleave.segment.SegmentChain;
import dev.cleave.tensor.Tensor;
import java.io.IOException;
import java.util.Map;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;

/**
 * The segments that this view of the bundle holds, from the first on, and the one thread that runs them. Owns the
 * sessions and the thread.
 *
 * <p>Segments run one at a time, so that a cancelled request stops at the next border and each segment's time is known
 * by itself: the time of any rest of the chain is then a sum.
 */
public final class HeadRunner implements AutoCloseable {
    private final SegmentChain chain;
    private final int through;
    private final int local;
    private final LongSupplier nanoTime;
    private final SegmentTimes times;
    private final HeadWorker worker;
    /** On the worker alone. */
    private final LateRuns lateRuns = new LateRuns();

    private HeadRunner(SegmentChain chain, int through, int local, LongSupplier nanoTime, Runnable closeEngine) {
        this.chain = chain;
        this.through = through;
        this.local = local;
        this.nanoTime = nanoTime;
        this.times = new SegmentTimes(local);
        this.worker = new HeadWorker("cleave-head", () -> {
            closeChain(chain);
            closeEngine.run();
        });
    }

    /**
     * Loads every segment that the view offers, in the precision of devices, and starts the thread.
     *
     * @param ownsEngine whether the engine is closed with this, or at once if loading fails
     * @param nanoTime the clock that segments are timed with
     * @throws EngineException naming the segment that does not load
     */
    public static HeadRunner load(
            Bundle bundle, Engine engine, boolean ownsEngine, SessionOptions options, LongSupplier nanoTime)
            throws EngineException, IOException {
        Contract contract = bundle.contract();
        int through = through(bundle);
        Runnable closeEngine = ownsEngine ? engine::close : () -> {};
        SegmentChain chain = null;
        boolean complete = false;
        try {
            if (through > 0) {
                chain = SegmentChain.load(bundle, engine, options, contract.edgePrecision(), 0, through, nanoTime);
            }
            complete = true;
        } finally {
            if (!complete) {
                closeEngine.run();
            }
        }
        return new HeadRunner(chain, through, contract.local(), nanoTime, closeEngine);
    }

    /** The last point that the view's segments reach: k+1 if it can finish alone, 0 if it holds none. */
    public static int through(Bundle bundle) {
        Contract contract = bundle.contract();
        int through = 0;
        while (through < contract.local() && bundle.hasGraph(contract.edgePrecision(), "segment-" + through)) {
            through++;
        }
        return through;
    }

    /** The last point whose head runs here; k+1: LOCAL is possible. */
    public int through() {
        return through;
    }

    public boolean reachesLocal() {
        return through == local;
    }

    /** Runs a task on the worker, after those that wait; false if this is closed. */
    public boolean execute(Runnable task) {
        return worker.execute(task, false);
    }

    /**
     * Runs a task on the worker before those that wait, if need be between two segments of one that runs: a request that is
     * nearly out of time, or something short that others wait for.
     */
    public boolean executeUrgently(Runnable task) {
        return worker.execute(task, true);
    }

    /**
     * Runs a task on the worker if that has nothing else to do; false if it has. A run within it is to be abandoned as soon as
     * {@link #isWanted}.
     */
    public boolean executeIfIdle(Runnable task) {
        return worker.executeIfIdle(task);
    }

    /** Whether a task other than one of {@link #executeIfIdle} waits for the worker. */
    public boolean isWanted() {
        return worker.isWanted();
    }

    /**
     * Runs from one point to another; only on the worker. Urgent tasks may run in between.
     *
     * @param live the boundary of {@code from}, and outputs made earlier
     * @param timeoutNanos for all of it; at least 1
     * @param abandoned asked between segments; true ends the run
     * @return null if it was abandoned
     */
    public SegmentRun run(
            int from, int to, Map<String, Tensor> live, int rows, long timeoutNanos, BooleanSupplier abandoned)
            throws EngineException {
        if (from == to) {
            return new SegmentRun(live, 0);
        }
        long expected = times.measuredNanos(from, to, rows);
        SegmentWatch watch = new SegmentWatch(to - from, rows, abandoned);
        Map<String, Tensor> crossing = chain.run(from, to, live, timeoutNanos, watch);
        if (crossing == null) {
            return null;
        }
        lateRuns.ended(expected, watch.nanos);
        return new SegmentRun(crossing, watch.nanos);
    }

    /**
     * Whether a run that begins now would be in time, or should be tried although it seems not ({@link LateRuns}); to be asked once before
     * {@link #run}, on the worker.
     *
     * @param leftNanos until its deadline
     */
    public boolean mayBegin(int from, int to, int rows, long leftNanos) {
        return lateRuns.mayBegin(times.measuredNanos(from, to, rows), leftNanos, nanoTime.getAsLong());
    }

    /** Times each segment of a run, lets urgent tasks through, and ends it when nobody wants its answer any more. */
    private final class SegmentWatch implements SegmentChain.Watch {
        private final int segments;
        private final int rows;
        private final BooleanSupplier abandoned;
        private long beganNanos;
        private long nanos;

        SegmentWatch(int segments, int rows, BooleanSupplier abandoned) {
            this.segments = segments;
            this.rows = rows;
            this.abandoned = abandoned;
        }

        @Override
        public boolean mayBegin(int segment) {
            worker.yieldToUrgent();
            beganNanos = nanoTime.getAsLong();
            return !abandoned.getAsBoolean();
        }

        @Override
        public void ended(int segment) {
            long now = nanoTime.getAsLong();
            long taken = now - beganNanos;
            nanos += taken;
            times.record(segment, segments, rows, taken, now);
        }
    }

    /** Inputs of a request were made ready for the first segment, in so much time; only on the worker. */
    public void prepared(int rows, long nanos) {
        times.recordPreparation(rows, nanos, nanoTime.getAsLong());
    }

    /** What segments take on this device now, as far as they have run. */
    public DeviceTimes deviceTimes() {
        return times.at(nanoTime.getAsLong());
    }

    /** Expected time from a point to the end, or {@link dev.cleave.edge.policy.LocalStart#UNKNOWN}. */
    public long restNanos(int from, int rows) {
        return times.estimateNanos(from, local, rows);
    }

    /** Expected time from a point to another, or {@link dev.cleave.edge.policy.LocalStart#UNKNOWN}. */
    public long estimateNanos(int from, int to, int rows) {
        return times.estimateNanos(from, to, rows);
    }

    /** What the longest segment takes, with as many rows as it had lately: how long an urgent task may have to wait. */
    public long longestSegmentNanos() {
        return times.longestNanos(nanoTime.getAsLong());
    }

    /** Takes no more tasks and lets the one that runs finish; then the sessions are closed. Does not wait for that. */
    @Override
    public void close() {
        worker.close();
    }

    /** Waits for the end of what {@link #close} began. True at once on the worker itself, which cannot wait for it. */
    public boolean awaitClosed(long timeoutNanos) throws InterruptedException {
        return worker.awaitEnd(timeoutNanos);
    }

    private static void closeChain(SegmentChain chain) {
        if (chain != null) {
            chain.close();
        }
    }
}
