package dev.cleave.gateway.batch;

import dev.cleave.tensor.Shape;
import java.util.List;

/** A task made of figures alone. */
final class TestTask extends BatchTask {
    private final long id;
    private final BatchKey key;
    private final int rows;
    private final long bytes;
    private final int priority;
    private final long deadlineNanos;
    private final Object succession;

    private TestTask(long id, BatchKey key, int rows, long bytes, int priority, long deadlineNanos, Object succession) {
        this.id = id;
        this.key = key;
        this.rows = rows;
        this.bytes = bytes;
        this.priority = priority;
        this.deadlineNanos = deadlineNanos;
        this.succession = succession;
    }

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
        return new TestTask(id, key, rows, bytes, priority, nanos, succession);
    }

    TestTask withPriority(int value) {
        return new TestTask(id, key, rows, bytes, value, deadlineNanos, succession);
    }

    TestTask withBytes(long value) {
        return new TestTask(id, key, rows, value, priority, deadlineNanos, succession);
    }

    TestTask continuing(Object other) {
        return new TestTask(id, key, rows, bytes, priority, deadlineNanos, other);
    }

    TestTask alone() {
        BatchKey other = new BatchKey(key.point(), key.shapes(), false);
        return new TestTask(id, other, rows, bytes, priority, deadlineNanos, succession);
    }

    long id() {
        return id;
    }

    @Override
    public BatchKey batchKey() {
        return key;
    }

    @Override
    public int rows() {
        return rows;
    }

    @Override
    public long bytes() {
        return bytes;
    }

    @Override
    public int priority() {
        return priority;
    }

    @Override
    public long deadlineNanos() {
        return deadlineNanos;
    }

    @Override
    public Object succession() {
        return succession;
    }

    @Override
    public String toString() {
        return "task " + id;
    }
}
