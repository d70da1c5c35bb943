package dev.cleave.gateway.batch;

import java.util.Comparator;

/** A task in line: its place in the order of service is fixed when it arrives. */
record Waiting<T extends BatchTask>(T task, long arrival, long enqueuedNanos) {
    /** Higher priority first, then first come. */
    static final Comparator<Waiting<?>> ORDER_OF_SERVICE = Comparator.<Waiting<?>>comparingInt(
                    waiting -> waiting.task().priority())
            .reversed()
            .thenComparingLong(Waiting::arrival);

    /** By difference, as nanosecond clocks may wrap. */
    static final Comparator<Waiting<?>> EARLIEST_DEADLINE = (a, b) -> {
        long apart = a.task().deadlineNanos() - b.task().deadlineNanos();
        return apart != 0 ? Long.signum(apart) : Long.compare(a.arrival(), b.arrival());
    };
}
