package dev.cleave.gateway.batch;

import dev.cleave.tensor.Shape;
import java.util.List;

/** A task made of figures alone. */
record TestTask(long id, BatchKey batchKey, int rows, long bytes, int priority, long deadlineNanos, Object succession)
        implements BatchTask {
    static BatchKey key(int point) {
        return new BatchKey(point, List.of(Shape.of(Shape.BATCH, 8)), true);
    }

    static TestTask at(int point, long id, int rows) {
        return new TestTask(id, key(point), rows, rows, 0, NO_DEADLINE, null);
    }

    static TestTask row(long id) {
        return at(1, id, 1);
    }

    TestTask withDeadline(long nanos) {
        return new TestTask(id, batchKey, rows, bytes, priority, nanos, succession);
    }

    TestTask withPriority(int value) {
        return new TestTask(id, batchKey, rows, bytes, value, deadlineNanos, succession);
    }

    TestTask withBytes(long value) {
        return new TestTask(id, batchKey, rows, value, priority, deadlineNanos, succession);
    }

    TestTask continuing(Object other) {
        return new TestTask(id, batchKey, rows, bytes, priority, deadlineNanos, other);
    }

    TestTask alone() {
        return new TestTask(
                id,
                new BatchKey(batchKey.point(), batchKey.shapes(), false),
                rows,
                bytes,
                priority,
                deadlineNanos,
                succession);
    }
}
