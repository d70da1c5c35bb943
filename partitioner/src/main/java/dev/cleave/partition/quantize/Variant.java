package dev.cleave.partition.quantize;

import dev.cleave.partition.graph.Dataflow;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A float model that is ready to be quantised, with what calibration showed of it: as it was prepared, or equalised. One
 * thread.
 *
 * @param factors of the channels of its tensors, by name; empty where it is not equalised
 * @param qualities of all of it in integers, by the way of finding ranges
 * @param method the best of those
 */
record Variant(
        Dataflow flow,
        UnitFinder.Found found,
        Map<String, float[]> factors,
        Calibration calibration,
        OperatorWeights weights,
        Map<RangeMethod, Quality> qualities,
        RangeMethod method) {
    /** Its best quality. */
    Quality quality() {
        return qualities.get(method);
    }

    /** The same with another judgement. */
    Variant with(Map<RangeMethod, Quality> judged, RangeMethod best) {
        return new Variant(flow, found, factors, calibration, weights, judged, best);
    }

    IntegerPlan plan(Collection<Integer> kept) {
        return new IntegerPlan(flow, found.units(), kept);
    }

    QdqWriter writer(RangeMethod by, Collection<Integer> kept) {
        return new QdqWriter(plan(kept), calibration.ranges(by), weights);
    }

    /** Scale and zero point of what a writer quantised, in the float model's terms. */
    Map<String, QuantizedTensor> tensors(QdqWriter writer) {
        Map<String, QuantizedTensor> tensors = new LinkedHashMap<>(writer.tensors());
        factors.forEach((name, each) -> tensors.computeIfPresent(name, (key, tensor) -> tensor.dividedBy(each)));
        return tensors;
    }
}
