package dev.cleave.edge.head;

import dev.cleave.edge.policy.DeviceTimes;
import dev.cleave.engine.EngineException;
import dev.cleave.segment.SegmentChain;
import dev.cleave.tensor.Tensor;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;

/**
 * The head that requests are run by, and the one thread that runs it. Owns the thread and the engines with all their heads.
 *
 * <p>Segments run one at a time, so that a cancelled request stops at the next border and each segment's time is known
 * by itself: the time of any rest of the chain is then a sum.
 *
 * <p>Another head of the same segments may take the place of the one in use between two tasks of the worker, so never within a run.
 * A request whose rest comes after that goes on with the other engine, as it would at the gateway.
 */
public final class HeadRunner implements AutoCloseable {
    private static final long LONGEST_TIMING_NANOS = TimeUnit.SECONDS.toNanos(60);

    private final HeadEngines engines;
    private final int through;
    private final int local;
    private final LongSupplier nanoTime;
    private final SegmentTimes times;
    private final HeadWorker worker;
    /** On the worker alone. */
    private final LateRuns lateRuns = new LateRuns();

    /** Written on the worker alone. */
    private volatile LoadedHead head;

    /**
     * Starts the thread.
     *
     * @param engines owned by this from now on
     * @param head of these engines
     * @param local k+1
     * @param nanoTime the clock that segments are timed with
     */
    public HeadRunner(HeadEngines engines, LoadedHead head, int local, LongSupplier nanoTime) {
        this.engines = engines;
        this.head = head;
        this.through = head.through();
        this.local = local;
        this.nanoTime = nanoTime;
        this.times = new SegmentTimes(local);
        this.worker = new HeadWorker("cleave-head", engines::close);
    }

    /** What runs segments just now. */
    public LoadedHead head() {
        return head;
    }

    /**
     * From now on another head is run; only on the worker, in a task of {@link #executeIfIdle}. The one before is closed.
     *
     * @param next of this runner's engines, and as long
     * @param segmentNanos what each of its segments was found to take for one row
     */
    public void use(LoadedHead next, long[] segmentNanos) {
        if (next.through() != through) {
            throw new IllegalArgumentException(
                    "a head through point " + next.through() + "; expected through " + through);
        }
        LoadedHead former = head;
        head = next;
        times.restart(segmentNanos);
        engines.close(former);
    }

    /**
     * Times each segment of a head in one run of one row; only on the worker, in a task of {@link #executeIfIdle}. What is found says
     * nothing of the head in use.
     *
     * @param timed of this runner's engines, not closed
     * @param inputs of the model
     * @return nanoseconds by segment; null if the run was given up because the worker {@link #isWanted}
     */
    public long[] time(LoadedHead timed, Map<String, Tensor> inputs) throws EngineException {
        long[] nanos = new long[through];
        SegmentChain.Watch watch = new SegmentChain.Watch() {
            private long beganNanos;

            @Override
            public boolean mayBegin(int segment) {
                beganNanos = nanoTime.getAsLong();
                return !worker.isWanted();
            }

            @Override
            public void ended(int segment) {
                nanos[segment] = nanoTime.getAsLong() - beganNanos;
            }
        };
        return timed.chain().run(0, through, inputs, LONGEST_TIMING_NANOS, watch) == null ? null : nanos;
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
        Map<String, Tensor> crossing = head.chain().run(from, to, live, timeoutNanos, watch);
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
}
