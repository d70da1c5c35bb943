package dev.cleave.edge.update;

import java.util.concurrent.ExecutorService;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * The one thread on which an agent looks after its updates, step by step: what is touched by steps alone needs no lock. Owns its
 * executor. Thread-safe.
 */
final class UpdateThread {
    private static final Logger LOG = Logger.getLogger(UpdateThread.class.getName());
    private static final long CLOSE_SECONDS = 10;

    private final ExecutorService executor;
    private final Runnable afterFailure;
    /** On which a step runs just now. */
    private volatile Thread working;
    /** Touched by steps alone. */
    private boolean ended;

    /**
     * @param executor of one thread
     * @param afterFailure is run on the thread when a step has thrown, and does not throw
     */
    UpdateThread(ExecutorService executor, Runnable afterFailure) {
        this.executor = executor;
        this.afterFailure = afterFailure;
    }

    /** Runs a step after those that wait; drops it after the end. */
    void execute(Runnable step) {
        try {
            executor.execute(() -> runLogged(step));
        } catch (RejectedExecutionException closed) {
            LOG.log(Level.FINEST, "after the end", closed);
        }
    }

    private void runLogged(Runnable step) {
        if (ended) {
            return;
        }
        working = Thread.currentThread();
        try {
            step.run();
        } catch (RuntimeException | Error e) {
            LOG.log(Level.SEVERE, "looking after updates failed", e);
            afterFailure.run();
        } finally {
            working = null;
        }
    }

    /** Runs a last step, then no more. Waits for the step that runs, within reason, unless that is what calls. */
    void end(Runnable last) {
        execute(() -> {
            ended = true;
            last.run();
        });
        executor.shutdown();
        if (working == Thread.currentThread()) {
            return; // told by a listener; it ends when that returns
        }
        try {
            if (!executor.awaitTermination(CLOSE_SECONDS, TimeUnit.SECONDS)) {
                LOG.log(Level.WARNING, "a bundle is still being loaded; its memory is freed when that ends");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
