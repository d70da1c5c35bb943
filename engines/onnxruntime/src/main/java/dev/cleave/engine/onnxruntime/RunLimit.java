package dev.cleave.engine.onnxruntime;

import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * The time limit of one run. When it is up, ONNX Runtime is told to stop at the next operator; an operator that has
 * started is not interrupted.
 *
 * <p>One daemon thread serves all runs of the process. Closing is safe against the timer: the native object is freed
 * under the same lock under which the timer uses it.
 */
final class RunLimit implements AutoCloseable {
    private static final ScheduledThreadPoolExecutor TIMER = timer();

    private final OrtSession.RunOptions options;
    private Future<?> alarm;
    private boolean expired;
    private boolean closed;

    private RunLimit(OrtSession.RunOptions options) {
        this.options = options;
    }

    /** @param nanos from now; 0 for no limit */
    static RunLimit of(long nanos) throws OrtException {
        if (nanos == 0) {
            return new RunLimit(null);
        }
        RunLimit limit = new RunLimit(new OrtSession.RunOptions());
        limit.alarm = TIMER.schedule(limit::expire, nanos, TimeUnit.NANOSECONDS);
        return limit;
    }

    /** To be given to the run; null if there is no limit. */
    OrtSession.RunOptions options() {
        return options;
    }

    /** Whether the run was told to stop. */
    synchronized boolean isExpired() {
        return expired;
    }

    private synchronized void expire() {
        if (closed) {
            return;
        }
        expired = true;
        try {
            options.setTerminate(true);
        } catch (OrtException e) {
            throw new IllegalStateException("a run cannot be told to stop", e);
        }
    }

    @Override
    public synchronized void close() {
        if (options != null && !closed) {
            closed = true;
            alarm.cancel(false);
            options.close();
        }
    }

    private static ScheduledThreadPoolExecutor timer() {
        ScheduledThreadPoolExecutor timer = new ScheduledThreadPoolExecutor(1, task -> {
            Thread thread = new Thread(task, "cleave-onnxruntime-timer");
            thread.setDaemon(true);
            return thread;
        });
        timer.setRemoveOnCancelPolicy(true);
        return timer;
    }
}
