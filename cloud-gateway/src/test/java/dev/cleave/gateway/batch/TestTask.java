package dev.cleave.gateway.batch;

import dev.cleave.tensor.Shape;
import java.util.List;

/** A task made of figures alone. */
record TestTask(long id, BatchKey batchKey, int rows, long bytes, int priority, long deadlineNanos)
        implements BatchTask {
    static BatchKey key(int point) {
        return new BatchKey(point, List.of(Shape.of(Shape.BATCH, 8)), true);
    }

    static TestTask at(int point, long id, int rows) {
        return new TestTask(id, key(point), rows, rows, 0, NO_DEADLINE);
    }

    static TestTask row(long id) {
        return at(1, id, 1);
    }

    TestTask withDeadline(long nanos) {
        return new TestTask(id, batchKey, rows, bytes, priority, nanos);
    }

    TestTask withPriority(int value) {
        return new TestTask(id, batchKey, rows, bytes, value, deadlineNanos);
    }

    TestTask withBytes(long value) {
        return new TestTask(id, batchKey, rows, value, priority, deadlineNanos);
    }

    TestTask alone() {
        return new TestTask(
                id, new BatchKey(batchKey.point(), batchKey.shapes(), false), rows, bytes, priority, deadlineNanos);
    }
}
