package dev.cleave.edge.update;

import dev.cleave.answer.Proportion;
import java.util.Locale;

/**
 * Whether a new version does worse than the one before it, judged by its first requests. Pure; not thread-safe.
 *
 * <p>It does worse
 *
 * <ul>
 *   <li>if at least {@value #FEWEST_FAILURES} of its requests failed, and the share of those that fail is above the former's beyond
 *       chance: the 95 % intervals (Wilson's, {@link Proportion}) do not touch;
 *   <li>if its median time is above {@value #TIMES_AS_LONG} times the former's and {@link #SLACK_NANOS} more, on at least
 *       {@value #FEWEST_TIMES} requests of each, with a gateway or without one.
 * </ul>
 *
 * <p>That is asked after each request, so that a version which fails at everything is in use for three requests. Where nothing is
 * known of the former one, it is taken to have answered 20 of 20.
 */
final class VersionTrial {
    static final int FEWEST_REQUESTS = 20;
    static final int FEWEST_FAILURES = 3;
    static final int FEWEST_TIMES = 10;
    static final double TIMES_AS_LONG = 1.5;
    static final long SLACK_NANOS = 5_000_000;

    private static final Proportion UNKNOWN = new Proportion(0, 20);
    private static final double NANOS_PER_MILLI = 1e6;

    /** What is known of the new version so far. */
    enum Verdict {
        UNDECIDED,
        KEEP,
        WORSE
    }

    private final RequestRecord former;
    private final RequestRecord now;
    private final int requests;
    private String why = "";

    /**
     * @param former the requests of the version before, as they were when this one began
     * @param requests after which the version is kept if it did no worse
     */
    VersionTrial(RequestRecord former, int requests) {
        this.former = former;
        this.now = new RequestRecord(requests);
        this.requests = requests;
    }

    Verdict add(RequestSample sample) {
        now.add(sample);
        if (failsMore() || isSlower(true) || isSlower(false)) {
            return Verdict.WORSE;
        }
        return now.size() < requests ? Verdict.UNDECIDED : Verdict.KEEP;
    }

    /** What was worse; one line. */
    String why() {
        return why;
    }

    /** Its requests so far, with which the next version will be compared. */
    RequestRecord requests() {
        return now;
    }

    private boolean failsMore() {
        Proportion failed = now.failed();
        Proportion before = former.size() == 0 ? UNKNOWN : former.failed();
        if (failed.count() < FEWEST_FAILURES || failed.low() <= before.high()) {
            return false;
        }
        why = failed.count() + " of its first " + failed.of() + " requests failed; of the former version's last "
                + former.size() + " it was " + former.failed().count();
        return true;
    }

    private boolean isSlower(boolean linked) {
        long before = former.medianNanos(linked, FEWEST_TIMES);
        long median = now.medianNanos(linked, FEWEST_TIMES);
        if (before == RequestRecord.UNKNOWN
                || median == RequestRecord.UNKNOWN
                || median <= before * TIMES_AS_LONG + SLACK_NANOS) {
            return false;
        }
        why = String.format(
                Locale.ROOT,
                "it takes %.1f ms %s a gateway where the former version took %.1f ms",
                median / NANOS_PER_MILLI,
                linked ? "with" : "without",
                before / NANOS_PER_MILLI);
        return true;
    }
}
