package dev.cleave.gateway.batch;

import java.util.List;

/**
 * A closed batch, ready to run.
 *
 * @param tasks at least one, in the order in which they were served
 * @param rows the sum of the tasks' rows
 */
public record Batch<T extends BatchTask>(BatchKey key, List<T> tasks, int rows, CloseReason reason) {
    public Batch {
        tasks = List.copyOf(tasks);
    }
}
