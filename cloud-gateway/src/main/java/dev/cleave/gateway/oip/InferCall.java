package dev.cleave.gateway.oip;

import dev.cleave.gateway.exec.InferenceTask;
import dev.cleave.gateway.exec.Outcome;
import dev.cleave.gateway.exec.Refusal;
import dev.cleave.gateway.exec.Timing;
import dev.cleave.gateway.model.ServedModel;
import dev.cleave.v1.Error;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/** A request that was put in line. Ends once, by whoever is first: its run, its deadline, its caller, a closing gateway. Thread-safe. */
public final class InferCall {
    private final ServedModel model;
    private final InferenceTask task;
    private final LongSupplier clock;

    InferCall(ServedModel model, InferenceTask task, LongSupplier clock) {
        this.model = model;
        this.task = task;
        this.clock = clock;
    }

    /** The caller has gone away: it is taken out of line, or its outputs are dropped. Does nothing to one that has ended. */
    public void cancel() {
        end(Error.Code.CANCELLED, "given up by the caller");
    }

    /**
     * Ends it at its deadline even while it runs, which the queue does not.
     *
     * @param timeoutNanos from its receipt
     * @return to be cancelled when it has ended
     */
    Future<?> expireOn(ScheduledExecutorService timer, long timeoutNanos) {
        long left = task.receivedNanos() + timeoutNanos - clock.getAsLong();
        String message = "deadline passed after " + TimeUnit.NANOSECONDS.toMicros(timeoutNanos) + " us";
        try {
            return timer.schedule(
                    () -> end(Error.Code.DEADLINE_EXCEEDED, message), Math.max(0, left), TimeUnit.NANOSECONDS);
        } catch (RejectedExecutionException closing) {
            return null; // The gateway refuses whatever is left.
        }
    }

    private void end(Error.Code code, String message) {
        model.queue().remove(task);
        task.complete(
                Outcome.refused(new Refusal(code, message), Timing.queued(clock.getAsLong() - task.receivedNanos())));
    }
}
