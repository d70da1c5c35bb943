package dev.cleave.partition.calibrate;

import dev.cleave.engine.EngineException;
import dev.cleave.partition.roundtrip.RoundTrip;
import dev.cleave.partition.sample.MemoryBudget;
import dev.cleave.partition.sample.SampleException;
import dev.cleave.partition.sample.Samples;
import dev.cleave.tensor.Tensor;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What is alive at each point for each sample. Kept as far as a budget goes, since every probe of a point wants it
 * again; the rest is made anew, by loading the sample and running the head.
 */
final class Boundaries {
    private final RoundTrip roundTrip;
    private final Samples samples;
    private final MemoryBudget budget;
    /** By point, then by sample. */
    private final List<Map<Integer, Map<String, Tensor>>> kept = new ArrayList<>();

    /** @param points largest index of a point */
    Boundaries(RoundTrip roundTrip, Samples samples, MemoryBudget budget, int points) {
        this.roundTrip = roundTrip;
        this.samples = samples;
        this.budget = budget;
        for (int point = 0; point <= points; point++) {
            kept.add(new HashMap<>());
        }
    }

    /** Keeps what is alive at a point, if there is room. */
    void offer(int point, int sample, Map<String, Tensor> live) {
        if (budget.take(MemoryBudget.bytes(live.values()))) {
            kept.get(point).put(sample, live);
        }
    }

    /** What is alive at a point. */
    Map<String, Tensor> at(int point, int sample) throws EngineException, SampleException {
        Map<String, Tensor> live = kept.get(point).get(sample);
        if (live == null) {
            live = roundTrip.head(point, samples.get(sample).inputs());
            offer(point, sample, live);
        }
        return live;
    }

    /** Forgets a point that is done with. */
    void forget(int point) {
        kept.get(point).values().forEach(live -> budget.give(MemoryBudget.bytes(live.values())));
        kept.get(point).clear();
    }
}
