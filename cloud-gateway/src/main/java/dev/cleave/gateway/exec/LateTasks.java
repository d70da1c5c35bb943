package dev.cleave.gateway.exec;

import dev.cleave.v1.Error;
import java.util.List;
import java.util.function.LongSupplier;

/** The end of requests at their deadline, in line or in a run. Never throws: others are behind each of them, and perhaps the batch of whoever tells them. */
final class LateTasks {
    private final LongSupplier clock;

    LateTasks(LongSupplier clock) {
        this.clock = clock;
    }

    /** Ends those that were taken out of line. */
    void endWaiting(List<InferenceTask> tasks) {
        for (int i = 0; i < tasks.size(); i++) {
            InferenceTask task = tasks.get(i);
            try {
                task.complete(waited(task));
            } catch (RuntimeException | java.lang.Error e) {
                FailedTasks.end(task, e);
            }
        }
    }

    /** Ends those that run and have not ended; their runs go on, with what they hold, and find that they were answered. */
    void endRunning(List<InferenceTask> tasks) {
        for (int i = 0; i < tasks.size(); i++) {
            InferenceTask task = tasks.get(i);
            try {
                if (!task.isDone()) { // Its run may be about to end.
                    task.complete(overran(task));
                }
            } catch (RuntimeException | java.lang.Error e) {
                FailedTasks.end(task, e);
            }
        }
    }

    private Outcome waited(InferenceTask task) {
        long waited = clock.getAsLong() - task.receivedNanos();
        String message = "deadline passed after " + waited / 1_000 + " us in the queue; expected to start within "
                + allowed(task) + " us";
        return Outcome.refused(new Refusal(Error.Code.DEADLINE_EXCEEDED, message), Timing.queued(waited));
    }

    private Outcome overran(InferenceTask task) {
        long waited = task.takenNanos() - task.receivedNanos();
        long ran = clock.getAsLong() - task.takenNanos();
        String message = "deadline passed after " + (waited + ran) / 1_000 + " us, " + ran / 1_000
                + " of them in its run; expected an answer within " + allowed(task) + " us";
        return Outcome.refused(new Refusal(Error.Code.DEADLINE_EXCEEDED, message), Timing.cutShort(waited, ran));
    }

    /** In microseconds. */
    private static long allowed(InferenceTask task) {
        return (task.deadlineNanos() - task.receivedNanos()) / 1_000;
    }
}
