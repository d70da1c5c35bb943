package dev.cleave.gateway.model;

import dev.cleave.bundle.Contract;
import dev.cleave.gateway.config.GatewayConfig;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * Rows of a model's batches. Pure.
 *
 * @param most rows of a batch
 * @param preferred sizes at which a batch is closed early, none over the most
 * @param warm sizes to be run once where it is asked for, none over the most
 */
record BatchSizes(int most, List<Integer> preferred, List<Integer> warm) {
    static BatchSizes of(GatewayConfig config, Contract contract) {
        int most = Math.max(1, Math.min(config.batching().maxBatch(), contract.maxBatch()));
        return new BatchSizes(
                most,
                config.batching().preferredBatches().stream()
                        .filter(rows -> rows <= most)
                        .toList(),
                config.models().warmupRows().stream()
                        .filter(rows -> rows <= most)
                        .toList());
    }

    /** The size that is to be the fastest. */
    int usual() {
        return preferred.stream().mapToInt(Integer::intValue).max().orElse(most);
    }

    /** Sizes to be run before a model serves; on a GPU, where a size that was never run is slow, all powers of two, too. */
    SortedSet<Integer> toWarm(boolean onGpu) {
        SortedSet<Integer> sizes = new TreeSet<>(warm);
        sizes.addAll(preferred);
        if (onGpu) {
            for (int rows = 1; rows < most; rows *= 2) {
                sizes.add(rows);
            }
            sizes.add(most);
        }
        return sizes;
    }
}
