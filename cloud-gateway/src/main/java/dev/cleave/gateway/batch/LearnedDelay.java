package dev.cleave.gateway.batch;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * An outlook that nobody has to set: a batch waits if that makes the executor finish more rows per time, and no longer.
 *
 * <p><b>The rule.</b> With <i>r</i> rows in hand an executor that starts at once finishes {@code r / T(r)} rows per time. One that waits for
 * <i>w</i> and is joined by <i>a(w)</i> rows finishes {@code (r + a(w)) / (w + T(r + a(w)))}. The batch waits for the <i>w</i> where this is the
 * largest, if it is larger by a margin than starting at once. {@code T} is learned from runs ({@link RunTimes}), <i>a</i> from what came after
 * moments like this one ({@link Followers}); both are kept for each {@link BatchKey}.
 *
 * <p><b>Why this.</b> Where each client has a request in flight and sends the next one when it is answered, their number is fixed, and by Little's law more
 * rows per time is the same as less time per row: waiting for those who are about to come back pays twice. Where requests come at a rate
 * that is no concern of the gateway's, <i>a(w)</i> grows like <i>w</i>, and the rule says wait only if the rate is more than the executor finishes
 * without; so a gateway that keeps up never waits. Where a run's time grows with its rows there is nothing to gain, and it never waits either.
 * A lone client is followed by nobody before it is answered: it never waits.
 *
 * <p><b>Never longer than a run.</b> The wait ends after {@code T(r)} at the latest: a request that had come just after an immediate start would
 * have waited as long. Deadlines are the batcher's to see to.
 *
 * <p><b>No larger than it pays.</b> Where runs of more rows finish no more rows per time, batches are closed at the size that does
 * ({@link RunTimes#worthJoining}): nobody then waits for the rows of others.
 *
 * <p>What was expected and has come by now is taken off <i>a</i>, so a batch that has everybody it waits for starts at that moment. Not
 * thread-safe.
 */
public final class LearnedDelay implements BatchOutlook {
    private static final double LEAST_GAIN = 1.05;
    private static final int MOST_KEYS = 256;

    private final int maxRows;
    private final Map<BatchKey, Learned> byKey = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<BatchKey, Learned> eldest) {
            return size() > MOST_KEYS;
        }
    };

    /** What is known of one key. */
    private static final class Learned {
        private RunTimes times = new RunTimes();
        private final Followers followers = new Followers();
    }

    /** @param maxRows most rows of one batch */
    public LearnedDelay(int maxRows) {
        this.maxRows = maxRows;
    }

    private Learned of(BatchKey key) {
        return byKey.computeIfAbsent(key, any -> new Learned());
    }

    @Override
    public long closeAtNanos(BatchKey key, int rows, long oldestNanos, long readyNanos, long nowNanos) {
        Learned learned = of(key);
        int most = learned.times.worthJoining(maxRows);
        long waited = nowNanos - readyNanos;
        double now = learned.times.nanos(rows);
        double best = LEAST_GAIN * rows / now;
        long closeAt = AT_ONCE;
        double expectedByNow = learned.followers.expectedBy(waited);
        int edges = Followers.edges((long) now);
        for (int edge = Followers.edges(waited); edge < edges; edge++) {
            double expected = learned.followers.expected(edge);
            double more = expected - Math.max(expectedByNow, learned.followers.arrived());
            double joined = Math.min(Math.max(most, rows), rows + Math.max(0, more));
            long wait = Followers.edgeNanos(edge) - waited;
            double rate = joined / (wait + learned.times.nanos(joined));
            if (rate > best) {
                best = rate;
                closeAt = nowNanos + wait;
            }
        }
        return closeAt;
    }

    @Override
    public int mostRows(BatchKey key, int limit) {
        return of(key).times.worthJoining(limit);
    }

    @Override
    public long runNanos(BatchKey key, int rows) {
        return (long) of(key).times.nanos(rows);
    }

    @Override
    public long leastNanos(BatchKey key, int rows) {
        return (long) of(key).times.least(rows);
    }

    @Override
    public void ready(BatchKey key, long nowNanos) {
        of(key).followers.begin(nowNanos);
    }

    @Override
    public void arrived(BatchKey key, int rows, long nowNanos) {
        of(key).followers.arrived(rows, nowNanos);
    }

    /** Who comes when is not forgotten: that is the clients' doing. */
    @Override
    public void forgetRuns() {
        byKey.values().forEach(learned -> learned.times = new RunTimes());
    }

    @Override
    public void ran(BatchKey key, int rows, long nanos, long nowNanos) {
        Learned learned = of(key);
        learned.times.add(rows, nanos);
        learned.followers.end(nowNanos);
    }
}
