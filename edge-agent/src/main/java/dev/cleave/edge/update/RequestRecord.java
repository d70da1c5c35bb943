package dev.cleave.edge.update;

import dev.cleave.answer.Proportion;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;

/** The last requests of a version: how many failed, and how long the others took. Not thread-safe. */
final class RequestRecord {
    static final int MOST = 1000;
    static final long UNKNOWN = -1;

    private final int most;
    private final Deque<RequestSample> samples = new ArrayDeque<>();

    /** @param most that are remembered, 1 to {@link #MOST} */
    RequestRecord(int most) {
        this.most = most;
    }

    void add(RequestSample sample) {
        if (samples.size() == most) {
            samples.removeFirst();
        }
        samples.addLast(sample);
    }

    int size() {
        return samples.size();
    }

    /** How many failed. */
    Proportion failed() {
        int failed = 0;
        for (RequestSample sample : samples) {
            failed += sample.failed() ? 1 : 0;
        }
        return new Proportion(failed, samples.size());
    }

    /** Median time of those that did not fail, or {@link #UNKNOWN} if they are fewer than that. */
    long medianNanos(boolean linked, int fewest) {
        long[] nanos = new long[samples.size()];
        int count = 0;
        for (RequestSample sample : samples) {
            if (sample.linked() == linked && !sample.failed()) {
                nanos[count++] = sample.nanos();
            }
        }
        if (count < fewest) {
            return UNKNOWN;
        }
        Arrays.sort(nanos, 0, count);
        return nanos[count / 2];
    }
}
