package dev.cleave.gateway.model;

import dev.cleave.bundle.Contract;
import dev.cleave.gateway.config.ByteText;
import dev.cleave.gateway.config.GatewayConfig;
import dev.cleave.gateway.memory.MachineMemory;
import dev.cleave.gateway.trial.RunMemory;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * How large a model's batches become: as the settings and its contract have it, and no larger than the memory that is set aside for a
 * run, as far as it is known what one takes. Pure.
 *
 * @param most rows of a batch
 * @param mostBytes of a batch's decoded tensors
 * @param preferred sizes at which a batch is closed early, none over the most
 * @param warm sizes to be run once where it is asked for, none over the most
 * @param note why batches are smaller than settings and contract would have them; else empty
 */
record BatchSizes(int most, long mostBytes, List<Integer> preferred, List<Integer> warm, String note) {
    /** Of the machine's memory, where the settings say nothing: the models themselves, the heap and all else have the rest. */
    private static final int PART_OF_MACHINE = 4;

    /** Of what a model is served with. */
    static BatchSizes of(GatewayConfig config, ModelSource source) {
        return of(config, source.contract(), source.runMemory());
    }

    /** @param taken by a run from the first point that is served */
    static BatchSizes of(GatewayConfig config, Contract contract, RunMemory taken) {
        GatewayConfig.Batching settings = config.batching();
        long memory = memory(settings) / config.models().executors();
        int wanted = Math.max(1, Math.min(settings.maxBatch(), contract.maxBatch()));
        boolean open = contract.inputs().stream()
                .anyMatch(input -> !input.shape().withRows(1).isStatic());
        // Rows of one size are counted. Of open inputs it is their bytes that a run grows with.
        int most = open ? wanted : Math.min(wanted, taken.rowsWithin(memory));
        long mostBytes =
                open ? Math.min(settings.maxBatchBytes(), taken.inputsWithin(memory)) : settings.maxBatchBytes();
        String note = "";
        if (most < wanted || mostBytes < settings.maxBatchBytes()) {
            note = "batches have at most " + (open ? ByteText.of(mostBytes) + " of inputs" : most + " rows")
                    + ": a run took " + ByteText.of(taken.bytes()) + " for " + taken.rows() + " rows of "
                    + ByteText.of(taken.inputBytes()) + ", and batchMemory leaves " + ByteText.of(memory)
                    + " for a run";
        }
        return new BatchSizes(
                most,
                mostBytes,
                settings.preferredBatches().stream()
                        .filter(rows -> rows <= most)
                        .toList(),
                config.models().warmupRows().stream()
                        .filter(rows -> rows <= most)
                        .toList(),
                note);
    }

    private static long memory(GatewayConfig.Batching settings) {
        return settings.memory() > 0 ? settings.memory() : MachineMemory.bytes() / PART_OF_MACHINE;
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
