package dev.cleave.partition.plan;

import dev.cleave.partition.ModelSummary;
import dev.cleave.partition.cut.Cut;
import dev.cleave.partition.edge.EdgeModel;
import dev.cleave.partition.extract.CutGraphs;
import dev.cleave.partition.extract.SidedGraphs;
import dev.cleave.partition.profile.MemoryEstimate;
import dev.cleave.partition.shape.ProbedModel;
import java.io.IOException;
import java.nio.file.Path;

/** What the device runs, asked for by cuts of the gateway's model: that model itself, or its integers. Immutable. */
final class DeviceModel {
    /** Null: the gateway's model. */
    private final EdgeModel integers;

    private final ProbedModel model;

    /** @param integers or null */
    DeviceModel(ModelSummary summary, EdgeModel integers) {
        this.integers = integers;
        this.model = integers == null ? summary.model() : integers.summary().model();
    }

    /** Whether the device can stop there. */
    boolean offers(Cut cut) {
        return integers == null || integers.offers(cut);
    }

    /** @throws IllegalArgumentException if it is not on offer */
    private Cut at(Cut cut) {
        return integers == null ? cut : integers.atOffered(cut);
    }

    long headMemoryBytes(Cut cut) {
        return MemoryEstimate.ofHead(model.flow(), model.facts(), at(cut)).totalBytes();
    }

    long wholeMemoryBytes() {
        return MemoryEstimate.ofWhole(model.flow(), model.facts()).totalBytes();
    }

    /** @param weights file to write if the device runs another model than the gateway */
    SidedGraphs graphs(CutGraphs gateway, Path weights) throws IOException {
        return integers == null ? SidedGraphs.alike(gateway) : integers.beside(gateway, weights);
    }
}
