package dev.cleave.gateway.batch;

import java.util.List;
import java.util.NavigableSet;
import java.util.TreeSet;

/**
 * The fixed limits of a batcher.
 *
 * @param maxRows most rows of one batch
 * @param maxBytes most decoded bytes of one batch; a task over it runs alone
 * @param preferredRows sizes at which a batch is closed early, ascending, each within 2..{@code maxRows}; may be empty
 * @param maxQueued most tasks that wait at a time
 */
public record BatchPolicy(int maxRows, long maxBytes, List<Integer> preferredRows, int maxQueued) {
    public BatchPolicy {
        if (maxRows < 1 || maxBytes < 1 || maxQueued < 1) {
            throw new IllegalArgumentException("batch policy with " + maxRows + " rows, " + maxBytes + " bytes and "
                    + maxQueued + " queued; expected at least 1 of each");
        }
        NavigableSet<Integer> sorted = new TreeSet<>(preferredRows);
        if (!sorted.isEmpty() && (sorted.first() < 2 || sorted.last() > maxRows)) {
            throw new IllegalArgumentException(
                    "preferred batch sizes " + preferredRows + "; expected sizes from 2 to " + maxRows);
        }
        preferredRows = List.copyOf(sorted);
    }

    boolean prefers(int rows) {
        return preferredRows.contains(rows);
    }
}
