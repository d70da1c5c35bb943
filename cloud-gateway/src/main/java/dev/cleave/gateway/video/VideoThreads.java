package dev.cleave.gateway.video;

import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;

/** The threads that read frames of videos, for the lines of all streams. Begun when they are first needed; owns them. */
public final class VideoThreads implements Executor, AutoCloseable {
    private final AtomicInteger count = new AtomicInteger();
    private final ExecutorService threads;

    /** @param most threads at a time */
    public VideoThreads(int most) {
        threads = Executors.newFixedThreadPool(most, task -> {
            Thread thread = new Thread(task, "cleave-video-" + count.getAndIncrement());
            thread.setDaemon(true);
            return thread;
        });
    }

    /** Half as many as there are processors: the others run models, and serve connections. */
    public static VideoThreads ofMachine() {
        return new VideoThreads(Math.max(1, Runtime.getRuntime().availableProcessors() / 2));
    }

    @Override
    public void execute(Runnable turn) {
        threads.execute(turn);
    }

    /** Turns that have begun are ended; no others come. */
    @Override
    public void close() {
        threads.shutdownNow();
    }
}
