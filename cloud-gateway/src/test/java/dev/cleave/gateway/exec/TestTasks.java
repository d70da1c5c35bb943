package dev.cleave.gateway.exec;

import dev.cleave.codec.Entropy;
import dev.cleave.gateway.batch.BatchKey;
import dev.cleave.gateway.batch.BatchTask;
import dev.cleave.tensor.Shape;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Makes tasks and keeps what became of them. */
final class TestTasks {
    private final Map<Long, List<Outcome>> outcomes = new ConcurrentHashMap<>();

    static BatchKey key(int point) {
        return new BatchKey(point, List.of(Shape.of(Shape.BATCH, 4)), true);
    }

    InferenceTask task(long id, int point, int rows, ByteBuffer payload) {
        return task(id, key(point), rows, BatchTask.NO_DEADLINE, payload);
    }

    InferenceTask task(long id, BatchKey key, int rows, long deadlineNanos, ByteBuffer payload) {
        return task(id, key, 1, Entropy.NONE, rows, deadlineNanos, payload);
    }

    /** @param quality level of the frame */
    InferenceTask task(
            long id, BatchKey key, int quality, Entropy entropy, int rows, long deadlineNanos, ByteBuffer payload) {
        return new InferenceTask(
                id, key, quality, entropy, rows, rows * 16L, 0, 0, deadlineNanos, payload, (task, outcome) -> {
                    outcomes.computeIfAbsent(task.id(), any -> new ArrayList<>())
                            .add(outcome);
                });
    }

    /** The one outcome of a task. */
    Outcome of(long id) {
        List<Outcome> all = outcomes.getOrDefault(id, List.of());
        if (all.size() != 1) {
            throw new AssertionError("task " + id + " has " + all.size() + " outcomes; expected 1");
        }
        return all.get(0);
    }

    /** Forgets all outcomes. */
    void forget() {
        outcomes.clear();
    }

    boolean isOpen(long id) {
        return !outcomes.containsKey(id);
    }
}
