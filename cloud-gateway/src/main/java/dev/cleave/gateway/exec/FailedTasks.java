package dev.cleave.gateway.exec;

import dev.cleave.gateway.batch.Batch;
import dev.cleave.v1.Error;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The end of requests that cannot be run, or told what became of them, for a defect or for want of memory. Each is ended by itself, so that one which cannot be hinders no
 * other. Nothing here throws: the same memory may be wanting for a message, and for a line of the log.
 */
final class FailedTasks {
    private static final Logger LOG = LoggerFactory.getLogger(FailedTasks.class);
    private static final Outcome UNNAMED = Outcome.refused(
            new Refusal(Error.Code.EXECUTION_FAILED, "request failed, and the gateway has no memory left to say why"),
            Timing.queued(0));

    private FailedTasks() {}

    /**
     * Ends those of a run.
     *
     * @param tasks of the batch, and those that have joined it
     */
    static void end(Batch<InferenceTask> batch, List<InferenceTask> tasks, Throwable cause) {
        end(tasks, cause);
        try {
            LOG.error("batch at point {} of {} rows failed", batch.key().point(), batch.rows(), cause);
        } catch (RuntimeException | java.lang.Error e) {
            // They are told, and counted.
        }
    }

    /** Ends those that have not ended, naming what was thrown. */
    static void end(List<InferenceTask> tasks, Throwable cause) {
        for (int i = 0; i < tasks.size(); i++) {
            end(tasks.get(i), cause);
        }
    }

    static void end(InferenceTask task, Throwable cause) {
        try {
            task.complete(named(cause));
        } catch (RuntimeException | java.lang.Error e) {
            say("a request was not told that it failed", e);
        }
    }

    private static Outcome named(Throwable cause) {
        try {
            return Outcome.refused(new Refusal(Error.Code.EXECUTION_FAILED, cause.toString()), UNNAMED.timing());
        } catch (RuntimeException | java.lang.Error e) {
            return UNNAMED;
        }
    }

    /** Logs what was thrown, if there is memory for that. */
    static void say(String what, Throwable cause) {
        try {
            LOG.error(what, cause);
        } catch (RuntimeException | java.lang.Error e) {
            // There is none.
        }
    }
}
