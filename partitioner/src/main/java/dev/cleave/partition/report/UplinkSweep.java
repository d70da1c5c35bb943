package dev.cleave.partition.report;

import dev.cleave.partition.plan.SplitPlan;
import java.util.List;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;

/** Totals of every candidate over the uplinks that a plan is about: its link and every border between two winners. */
final class UplinkSweep {
    /** Share of the rates shown below the lowest and above the highest of interest. */
    private static final double MARGIN = 4;

    private static final double LEAST_SPAN = 1000;
    private static final int STEPS = 60;

    private UplinkSweep() {}

    static PlanDocument.Latency of(SplitPlan plan) {
        List<Double> uplinks = uplinks(plan);
        return new PlanDocument.Latency(
                uplinks,
                plan.candidates().stream()
                        .map(candidate -> uplinks.stream()
                                .map(uplink ->
                                        candidate.cost().totalMillis(plan.link().withUplink(uplink)))
                                .toList())
                        .toList());
    }

    /** Evenly spaced on a logarithmic axis; they begin no earlier than the ranges do. */
    private static List<Double> uplinks(SplitPlan plan) {
        double lowest = ofInterest(plan).min().orElseThrow() / MARGIN;
        double highest = ofInterest(plan).max().orElseThrow() * MARGIN;
        double widening = Math.max(1, Math.sqrt(LEAST_SPAN / (highest / lowest)));
        double from = Math.max(lowest / widening, firstUplink(plan));
        double ratio = highest * widening / from;
        return IntStream.rangeClosed(0, STEPS)
                .mapToObj(step -> from * Math.pow(ratio, (double) step / STEPS))
                .toList();
    }

    private static double firstUplink(SplitPlan plan) {
        double first = plan.ranges().isEmpty() ? 0 : plan.ranges().get(0).fromBitsPerSecond();
        return Math.min(first, plan.link().uplinkBitsPerSecond() / MARGIN);
    }

    private static DoubleStream ofInterest(SplitPlan plan) {
        return DoubleStream.concat(
                        DoubleStream.of(plan.link().uplinkBitsPerSecond()),
                        plan.ranges().stream().mapToDouble(SplitPlan.Range::toBitsPerSecond))
                .filter(Double::isFinite);
    }
}
