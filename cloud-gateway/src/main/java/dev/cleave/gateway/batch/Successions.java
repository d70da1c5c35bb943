package dev.cleave.gateway.batch;

import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/** Tasks that continue each other, in the order in which they came; the first of each succession stands in line or runs. */
final class Successions<T extends BatchTask> {
    private final Map<Object, Deque<T>> bySuccession = new IdentityHashMap<>();

    /** @return whether it may stand in line; else it waits behind another one */
    boolean enter(T task) {
        Object succession = task.succession();
        if (succession == null) {
            return true;
        }
        Deque<T> tasks = bySuccession.computeIfAbsent(succession, any -> new ArrayDeque<>());
        tasks.add(task);
        return tasks.size() == 1;
    }

    /**
     * A task is over, wherever it was.
     *
     * @return the one that may stand in line now, or null
     */
    T leave(T task) {
        Object succession = task.succession();
        Deque<T> tasks = succession == null ? null : bySuccession.get(succession);
        if (tasks == null) {
            return null;
        }
        boolean wasFirst = tasks.peek() == task;
        tasks.removeIf(waiting -> waiting == task);
        if (tasks.isEmpty()) {
            bySuccession.remove(succession);
            return null;
        }
        return wasFirst ? tasks.peek() : null;
    }

    /** Adds those that wait behind another one to a list. */
    void addWaitingTo(List<T> tasks) {
        for (Collection<T> each : bySuccession.values()) {
            each.stream().skip(1).forEach(tasks::add);
        }
    }
}
