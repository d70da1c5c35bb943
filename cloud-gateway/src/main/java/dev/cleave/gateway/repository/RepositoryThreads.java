package dev.cleave.gateway.repository;

import java.time.Duration;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The two threads of a repository: one that looks at the directory and takes the steps, one that reads and loads. Until they
 * are started all of it is done by whoever asks. Owns both; thread-safe.
 */
final class RepositoryThreads {
    private static final Logger LOG = LoggerFactory.getLogger(RepositoryThreads.class);
    private static final long STEP_MILLIS = 250;
    private static final Duration SETTLING = Duration.ofSeconds(1);
    private static final long LOAD_ENDS_SECONDS = 60;

    private final RepositoryLoop loop;
    private final Holdings holdings;
    private final long pollNanos;
    private final Runnable stepped;
    private ScheduledThreadPoolExecutor keeper;
    private ExecutorService loader;

    /** @param stepped told after all steps that there were */
    RepositoryThreads(RepositoryLoop loop, Holdings holdings, Duration pollEvery, Runnable stepped) {
        this.loop = loop;
        this.holdings = holdings;
        this.pollNanos = pollEvery.toNanos();
        this.stepped = stepped;
    }

    /** From now on models come and go by themselves. */
    synchronized void start() {
        holdings.settleFor(settling());
        loader = Executors.newSingleThreadExecutor(task -> daemon(task, "cleave-loader"));
        keeper = new ScheduledThreadPoolExecutor(1, task -> daemon(task, "cleave-models"));
        keeper.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
        keeper.scheduleWithFixedDelay(guarded(this::lookAndAdvance), pollNanos, pollNanos, TimeUnit.NANOSECONDS);
        keeper.scheduleWithFixedDelay(guarded(this::advance), STEP_MILLIS, STEP_MILLIS, TimeUnit.MILLISECONDS);
    }

    private static Thread daemon(Runnable task, String name) {
        Thread thread = new Thread(task, name);
        thread.setDaemon(true);
        return thread;
    }

    /** A task of a timer that throws would never come again, and nobody would hear of it. */
    private static Runnable guarded(Runnable task) {
        return () -> {
            try {
                task.run();
            } catch (RuntimeException | Error e) {
                say(e);
            }
        };
    }

    private static void say(Throwable thrown) {
        try {
            LOG.error("the models directory could not be looked after", thrown);
        } catch (RuntimeException | Error e) {
            // There is no memory for that, either; the next turn says so again.
        }
    }

    private void lookAndAdvance() {
        loop.look();
        if (holdings.isUnsettled()) {
            lookAgain();
        }
        advance();
    }

    private synchronized void lookAgain() {
        try {
            keeper.schedule(guarded(this::lookOnce), settling(), TimeUnit.NANOSECONDS);
        } catch (RejectedExecutionException closing) {
            LOG.debug("the repository is closing");
        }
    }

    private void lookOnce() {
        loop.look();
        advance();
    }

    private long settling() {
        return Math.min(SETTLING.toNanos(), pollNanos);
    }

    /** Takes what steps there are. */
    void advance() {
        ExecutorService background = loader();
        if (background == null) {
            loop.advance(Runnable::run, () -> {});
        } else {
            loop.advance(background, this::wake);
        }
        stepped.run();
    }

    private synchronized ExecutorService loader() {
        return loader;
    }

    /** Has the directory looked at, and the next steps taken, soon; nothing while there are no threads. */
    synchronized void wake() {
        if (keeper != null) {
            try {
                keeper.execute(guarded(this::lookAndAdvance));
            } catch (RejectedExecutionException closing) {
                LOG.debug("the repository is closing");
            }
        }
    }

    /** Begins nothing any more. */
    synchronized void stop() {
        if (keeper != null) {
            keeper.shutdown();
            loader.shutdown();
        }
    }

    /** Waits for what is under way, with the patience that a load needs. */
    void awaitEnd() {
        ScheduledThreadPoolExecutor looking;
        ExecutorService loading;
        synchronized (this) {
            looking = keeper;
            loading = loader;
        }
        if (looking == null) {
            return;
        }
        try {
            looking.awaitTermination(LOAD_ENDS_SECONDS, TimeUnit.SECONDS);
            if (!loading.awaitTermination(LOAD_ENDS_SECONDS, TimeUnit.SECONDS)) {
                LOG.warn("a model is still being loaded; its memory is freed with the process");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
