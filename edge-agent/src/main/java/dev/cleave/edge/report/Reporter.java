package dev.cleave.edge.report;

import dev.cleave.edge.link.Scheduler;
import dev.cleave.v1.Report;
import java.util.function.Predicate;
import java.util.function.Supplier;

/**
 * Sends what a {@link FieldReport} has gathered, once in a while, for as long as the scheduler runs. While there is no
 * link, one report is kept and the gathering goes on. Its state belongs to the scheduler's thread.
 */
public final class Reporter {
    private final FieldReport gathered;
    private final Predicate<Report> link;
    private final Supplier<String> networkClass;
    private final Scheduler scheduler;
    private final long everyNanos;
    private Report unsent;
    private volatile boolean stopped;

    /** @param link takes a report, or returns false while there is nobody to take it */
    public Reporter(
            FieldReport gathered,
            Predicate<Report> link,
            Supplier<String> networkClass,
            Scheduler scheduler,
            long everyNanos) {
        this.gathered = gathered;
        this.link = link;
        this.networkClass = networkClass;
        this.scheduler = scheduler;
        this.everyNanos = everyNanos;
    }

    /** The first report is due one interval from now. */
    public void start() {
        scheduler.schedule(this::due, scheduler.nanoTime() + everyNanos);
    }

    private void due() {
        if (!stopped) {
            start();
            send();
        }
    }

    /** Sends what there is, and stops; to be called on the scheduler's thread. */
    public void last() {
        if (!stopped) {
            send();
            stopped = true;
        }
    }

    /** Sends nothing more; from any thread. */
    public void stop() {
        stopped = true;
    }

    private void send() {
        if (unsent == null) {
            unsent = gathered.take(String.valueOf(networkClass.get()));
        }
        if (unsent != null && link.test(unsent)) {
            unsent = null;
        }
    }
}
