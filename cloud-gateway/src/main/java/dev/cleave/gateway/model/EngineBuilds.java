package dev.cleave.gateway.model;

import dev.cleave.engine.EngineException;
import dev.cleave.gateway.metrics.ModelMetrics;
import java.io.IOException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Builds what takes long, one model after another on one thread, and puts it in the place of what serves. Thread-safe. The
 * thread's side of {@link EngineUpgrade}.
 */
final class EngineBuilds implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(EngineBuilds.class);
    private static final long BUILD_ENDS_SECONDS = 5;

    private final LongSupplier clock;
    private final ExecutorService thread = Executors.newSingleThreadExecutor(task -> {
        Thread made = new Thread(task, "cleave-build");
        made.setDaemon(true);
        return made;
    });
    private volatile boolean closed;

    EngineBuilds(LongSupplier clock) {
        this.clock = clock;
    }

    /** Makes tails that are ready to run. */
    interface Builder {
        /**
         * @param wanted asked between two graphs; once it says no, there is nothing to gain by going on
         * @throws EngineException saying why there is nothing better than what serves
         */
        TailSet build(BooleanSupplier wanted) throws EngineException, IOException;
    }

    /** One model's build. */
    record Job(ServedModel model, EngineUpgrade upgrade, Builder builder) {
        String name() {
            return model.name();
        }

        ModelMetrics metrics() {
            return model.metrics();
        }
    }

    /** Puts a build in line. */
    void submit(Job job) {
        try {
            thread.execute(() -> run(job));
        } catch (RejectedExecutionException closing) {
            job.upgrade().cancel();
        }
    }

    private void run(Job job) {
        if (closed || !job.upgrade().begin()) {
            return;
        }
        LOG.info("model {}: a build begins; it serves meanwhile", job.name());
        job.metrics().build("started");
        long before = clock.getAsLong();
        String outcome;
        try {
            outcome = replace(
                    job, job.builder().build(() -> !closed && job.upgrade().isWanted()));
        } catch (IOException
                | EngineException
                | RuntimeException
                | Error e) { // What serves goes on, whatever went wrong.
            outcome = failed(job, e);
        }
        job.metrics().build(outcome);
        job.metrics().buildTime(clock.getAsLong() - before);
    }

    private static String replace(Job job, TailSet built) {
        if (!job.model().switchTo(built)) {
            built.close();
            return "cancelled";
        }
        job.upgrade().done();
        LOG.info("model {} runs on {} from now on", job.name(), built.provider());
        return "done";
    }

    private String failed(Job job, Throwable failure) {
        String reason = failure.getMessage() == null ? failure.toString() : failure.getMessage();
        if (closed || !job.upgrade().failed(reason.replaceAll("\\R", " "))) {
            return "cancelled";
        }
        LOG.warn("model {} goes on as it serves: {}", job.name(), job.upgrade().remark());
        return "failed";
    }

    /** Begins nothing more; the build under way ends at its next graph. Waits for nothing. */
    void stop() {
        closed = true;
        thread.shutdown();
    }

    /** The same, and gives the build under way a moment. One that is in native code cannot be interrupted, and is abandoned. */
    @Override
    public void close() {
        stop();
        try {
            if (!thread.awaitTermination(BUILD_ENDS_SECONDS, TimeUnit.SECONDS)) {
                LOG.warn("a build goes on after {} s and is abandoned; the process should end now", BUILD_ENDS_SECONDS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
