package dev.cleave.gateway.batch;

import java.util.ArrayList;
import java.util.List;

/** The batch that would be closed if it were closed now: the longest prefix of one line that fits. */
final class Forming<T extends BatchTask> {
    final BatchKey key;
    final List<Waiting<T>> members = new ArrayList<>();
    int rows;
    /** Members up to the largest preferred size, 0 if none was met. */
    int preferredMembers;
    /** The next task in line does not fit. */
    boolean blocked;

    long oldestNanos;
    /** {@link BatchTask#NO_DEADLINE} if no member has one. */
    long earliestDeadline = BatchTask.NO_DEADLINE;

    private long bytes;

    Forming(BatchPolicy policy, Iterable<Waiting<T>> line, BatchKey key) {
        this.key = key;
        for (Waiting<T> next : line) {
            if (!members.isEmpty() && !fits(policy, next.task())) {
                blocked = true;
                return;
            }
            add(policy, next);
        }
    }

    private boolean fits(BatchPolicy policy, T task) {
        return key.joinable() && rows + task.rows() <= policy.maxRows() && bytes + task.bytes() <= policy.maxBytes();
    }

    private void add(BatchPolicy policy, Waiting<T> next) {
        oldestNanos = members.isEmpty() || next.enqueuedNanos() - oldestNanos < 0 ? next.enqueuedNanos() : oldestNanos;
        long deadline = next.task().deadlineNanos();
        if (deadline != BatchTask.NO_DEADLINE
                && (earliestDeadline == BatchTask.NO_DEADLINE || deadline - earliestDeadline < 0)) {
            earliestDeadline = deadline;
        }
        members.add(next);
        rows += next.task().rows();
        bytes += next.task().bytes();
        if (policy.prefers(rows)) {
            preferredMembers = members.size();
        }
    }

    /** True if no further task could join. */
    boolean isFull(BatchPolicy policy) {
        return blocked || !key.joinable() || rows >= policy.maxRows() || bytes >= policy.maxBytes();
    }
}
