package dev.cleave.gateway.batch;

/**
 * The tasks of one key in their order of service, linked through themselves. A newcomer walks from the end past those of lower priority; nobody
 * passes his equals, so without priorities it takes a step, and at most the queue bound.
 */
final class Lane<T extends BatchTask> {
    private final BatchKey key;
    private BatchTask first;
    private BatchTask last;
    private int rows;

    Lane(BatchKey key) {
        this.key = key;
    }

    BatchKey key() {
        return key;
    }

    boolean isEmpty() {
        return first == null;
    }

    /** Null if it is empty. */
    T first() {
        return own(first);
    }

    /** Null behind the last one. */
    T behind(T task) {
        return own(task.behind);
    }

    /** What is linked here was added here. */
    @SuppressWarnings("unchecked")
    private T own(BatchTask task) {
        return (T) task;
    }

    /** Rows of those that a newcomer of a priority would stand behind. */
    int rowsAhead(int priority) {
        if (last == null || last.priority() >= priority) {
            return rows;
        }
        int ahead = 0;
        for (BatchTask task = first; task.priority() >= priority; task = task.behind) {
            ahead += task.rows();
        }
        return ahead;
    }

    void add(T task) {
        rows += task.rows();
        BatchTask ahead = last;
        while (ahead != null && task.isServedBefore(ahead)) {
            ahead = ahead.ahead;
        }
        task.lane = this;
        task.ahead = ahead;
        task.behind = ahead == null ? first : ahead.behind;
        if (ahead == null) {
            first = task;
        } else {
            ahead.behind = task;
        }
        if (task.behind == null) {
            last = task;
        } else {
            task.behind.ahead = task;
        }
    }

    void remove(T task) {
        rows -= task.rows();
        BatchTask ahead = task.ahead;
        BatchTask behind = task.behind;
        if (ahead == null) {
            first = behind;
        } else {
            ahead.behind = behind;
        }
        if (behind == null) {
            last = ahead;
        } else {
            behind.ahead = ahead;
        }
        task.lane = null;
        task.ahead = null;
        task.behind = null;
    }
}
