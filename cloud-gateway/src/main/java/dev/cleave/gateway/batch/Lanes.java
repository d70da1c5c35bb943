package dev.cleave.gateway.batch;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A lane for each key. Lanes that have run empty are kept for the next task of their key, up to a number. */
final class Lanes<T extends BatchTask> {
    private static final int MOST_KEPT = 64;

    private final Map<BatchKey, Lane<T>> byKey = new HashMap<>();
    private final List<Lane<T>> filled = new ArrayList<>();

    void add(T task) {
        Lane<T> lane = byKey.computeIfAbsent(task.batchKey(), Lane::new);
        if (lane.isEmpty()) {
            filled.add(lane);
        }
        lane.add(task);
    }

    /** Takes a task out of the lane that it stands in. */
    void remove(T task) {
        Lane<T> lane = byKey.get(task.batchKey());
        lane.remove(task);
        if (lane.isEmpty()) {
            filled.remove(lane);
            if (byKey.size() > MOST_KEPT) {
                byKey.remove(lane.key());
            }
        }
    }

    /** The lane of a key; null if no task of it stands in line. */
    Lane<T> of(BatchKey key) {
        Lane<T> lane = byKey.get(key);
        return lane == null || lane.isEmpty() ? null : lane;
    }

    /** Lanes with a task in them. */
    int filled() {
        return filled.size();
    }

    /** The lane of the task that is served first; null if there is none. */
    Lane<T> leading() {
        Lane<T> leading = null;
        for (int i = 0; i < filled.size(); i++) {
            Lane<T> lane = filled.get(i);
            if (leading == null || lane.first().isServedBefore(leading.first())) {
                leading = lane;
            }
        }
        return leading;
    }

    /** Adds what stands in line to a list. */
    void addAllTo(List<T> tasks) {
        for (Lane<T> lane : filled) {
            for (T task = lane.first(); task != null; task = lane.behind(task)) {
                tasks.add(task);
            }
        }
    }
}
