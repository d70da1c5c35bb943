package dev.cleave.gateway.batch;

import java.util.Arrays;

/** A binary heap of tasks by deadline, each of which knows its place, so that any of them can be taken out. Times are compared by difference, as clocks may wrap. */
final class Deadlines<T extends BatchTask> {
    private BatchTask[] heap = new BatchTask[64];
    private int size;

    /** Null if there is none. */
    @SuppressWarnings("unchecked")
    T earliest() {
        return (T) heap[0];
    }

    /** Does nothing with a task that has no deadline. */
    void add(T task) {
        if (task.deadlineNanos() == BatchTask.NO_DEADLINE) {
            return;
        }
        if (size == heap.length) {
            heap = Arrays.copyOf(heap, 2 * size);
        }
        rise(task, size++);
    }

    /** Does nothing with a task that is not in it. */
    void remove(T task) {
        int place = task.deadlinePlace;
        if (place < 0) {
            return;
        }
        task.deadlinePlace = -1;
        BatchTask last = heap[--size];
        heap[size] = null;
        if (last != task) {
            sink(last, place);
            if (heap[place] == last) {
                rise(last, place);
            }
        }
    }

    private void rise(BatchTask task, int from) {
        int place = from;
        while (place > 0 && isEarlier(task, heap[(place - 1) / 2])) {
            put(heap[(place - 1) / 2], place);
            place = (place - 1) / 2;
        }
        put(task, place);
    }

    private void sink(BatchTask task, int from) {
        int place = from;
        int child = earlierChild(place);
        while (child < size && isEarlier(heap[child], task)) {
            put(heap[child], place);
            place = child;
            child = earlierChild(place);
        }
        put(task, place);
    }

    /** {@code size} or more if there is none. */
    private int earlierChild(int place) {
        int left = 2 * place + 1;
        return left + 1 < size && isEarlier(heap[left + 1], heap[left]) ? left + 1 : left;
    }

    private static boolean isEarlier(BatchTask one, BatchTask other) {
        return one.deadlineNanos() - other.deadlineNanos() < 0;
    }

    private void put(BatchTask task, int place) {
        heap[place] = task;
        task.deadlinePlace = place;
    }
}
