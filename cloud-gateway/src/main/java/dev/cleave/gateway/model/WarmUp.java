package dev.cleave.gateway.model;

import dev.cleave.bundle.Contract;
import dev.cleave.bundle.LadderPoint;
import dev.cleave.engine.EngineException;
import dev.cleave.tensor.TensorSpec;
import java.util.List;
import java.util.SortedSet;

/**
 * First runs of a model, on zeros, so that no request pays for lazy allocation and kernel selection.
 */
final class WarmUp {
    private final Contract contract;
    private final long limitNanos;
    private final long maxBytes;

    /** @param maxBytes of the inputs of a run: a bundle may say what it likes of its shapes */
    WarmUp(Contract contract, long limitNanos, long maxBytes) {
        this.contract = contract;
        this.limitNanos = limitNanos;
        this.maxBytes = maxBytes;
    }

    /** Runs each batch size once on every device, the smallest first. */
    WarmUpReport run(TailSet set, SortedSet<Integer> sizes) {
        WarmUpReport.Writer report = new WarmUpReport.Writer();
        for (LoadedTails tails : set.all()) {
            for (int point : tails.warmUpPoints()) {
                run(tails, contract.points().get(point), sizes, report);
            }
        }
        return report.report();
    }

    private void run(LoadedTails tails, LadderPoint point, SortedSet<Integer> sizes, WarmUpReport.Writer report) {
        ZeroInputs zeros = ZeroInputs.of(contract, point);
        TensorSpec open = zeros.open();
        if (open != null) {
            report.skipped("no warm-up: input \"" + open.name() + "\" has the open shape " + open.shape());
            return;
        }
        for (int rows : point.isBatched() ? sizes : List.of(1)) {
            long bytes = zeros.bytes(rows);
            if (bytes > maxBytes) {
                report.skipped("no warm-up of " + rows + " rows: its inputs take "
                        + (bytes == Long.MAX_VALUE ? "more than any memory has" : bytes + " bytes")
                        + "; expected at most " + maxBytes);
                continue;
            }
            WarmUpReport.Run run = new WarmUpReport.Run(point.index(), rows);
            try {
                tails.run(point.index(), zeros.rows(rows), limitNanos);
                report.succeeded(run);
            } catch (EngineException | IllegalArgumentException e) {
                report.failed(run, "warm-up of " + rows + " rows failed: " + e.getMessage());
            }
        }
    }
}
