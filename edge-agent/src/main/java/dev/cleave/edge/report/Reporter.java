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
        start();
        if (unsent == null) {
            unsent = gathered.take(String.valueOf(networkClass.get()));
        }
        if (unsent != null && link.test(unsent)) {
            unsent = null;
        }
    }
}
