package dev.cleave.gateway.batch;

/** The batch that would be closed if it were closed now: the longest prefix of one lane that fits. Reused from look to look. */
final class Forming<T extends BatchTask> {
    private final BatchPolicy policy;
    private final BatchOutlook outlook;

    Lane<T> lane;
    int members;
    int rows;
    /** Members up to the largest preferred size, 0 if none was met. */
    int preferredMembers;

    long oldestNanos;
    /** {@link BatchTask#NO_DEADLINE} if no member has one. */
    long earliestDeadline;

    private long bytes;
    private int mostRows;
    private boolean isBlocked;

    Forming(BatchPolicy policy, BatchOutlook outlook) {
        this.policy = policy;
        this.outlook = outlook;
    }

    BatchKey key() {
        return lane.key();
    }

    /** Looks at a lane with a task in it. */
    void look(Lane<T> other) {
        lane = other;
        members = 0;
        rows = 0;
        preferredMembers = 0;
        earliestDeadline = BatchTask.NO_DEADLINE;
        bytes = 0;
        isBlocked = false;
        mostRows = outlook.mostRows(key(), policy.maxRows());
        for (T next = lane.first(); next != null; next = lane.behind(next)) {
            if (members > 0 && !fits(next)) {
                isBlocked = true;
                return;
            }
            add(next);
        }
    }

    private boolean fits(T task) {
        return key().joinable() && rows + task.rows() <= mostRows && bytes + task.bytes() <= policy.maxBytes();
    }

    private void add(T next) {
        oldestNanos = members == 0 || next.enqueuedNanos - oldestNanos < 0 ? next.enqueuedNanos : oldestNanos;
        long deadline = next.deadlineNanos();
        if (deadline != BatchTask.NO_DEADLINE
                && (earliestDeadline == BatchTask.NO_DEADLINE || deadline - earliestDeadline < 0)) {
            earliestDeadline = deadline;
        }
        members++;
        rows += next.rows();
        bytes += next.bytes();
        if (policy.prefers(rows)) {
            preferredMembers = members;
        }
    }

    /** True if no further task could join. */
    boolean isFull() {
        return isBlocked || !key().joinable() || rows >= mostRows || bytes >= policy.maxBytes();
    }
}
