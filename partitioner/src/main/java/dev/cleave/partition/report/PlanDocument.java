package dev.cleave.partition.report;

import dev.cleave.answer.Proportion;
import dev.cleave.partition.calibrate.CodecCurve;
import dev.cleave.partition.plan.CandidateCost;
import dev.cleave.partition.plan.CandidateKind;
import dev.cleave.partition.plan.LinkProfile;
import dev.cleave.partition.plan.SplitPlan;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * A plan as scripts and the report read it: the records' component names are the names of the JSON fields. Times are in
 * milliseconds for one row of input, sizes in bytes, rates in bits per second, shares 0..1. What is unknown is null,
 * since JSON has neither NaN nor infinity. Immutable.
 *
 * @param edge the device, in words
 * @param edgeSlowdown factor on the device's times, 1 for none; anything else means that the device was simulated
 * @param cloud the gateway, in words
 * @param metric what agreement means for this model
 * @param objective {@code latency}, {@code gateway}, {@code bytes} or {@code throughput}
 * @param planMillis the decision alone, profiles given
 * @param candidates best first; then those that a constraint refuses
 * @param chosen index of the chosen candidate, -1 if every one is refused
 * @param ranges who is best from one uplink rate to another, by rising rate
 * @param ladder the ladder's candidates by index, point 1 first
 * @param ladderRegret largest share by which the ladder is slower than the best candidate, or null
 * @param layers the network as a strip, in the order in which it runs
 * @param latency totals of every candidate over a range of uplinks
 * @param reason the choice in words
 */
public record PlanDocument(
        String model,
        int nodes,
        String edge,
        double edgeSlowdown,
        String cloud,
        String metric,
        String objective,
        double planMillis,
        Link link,
        List<Candidate> candidates,
        int chosen,
        List<Range> ranges,
        List<Integer> ladder,
        Double ladderRegret,
        List<Layer> layers,
        Latency latency,
        String reason) {

    /** Rates at which payload passes, and the time there and back of an empty message. */
    public record Link(double uplinkBitsPerSecond, double downlinkBitsPerSecond, double rttMillis) {}

    /**
     * One row of the plan's table on its link.
     *
     * @param kind {@code local}, {@code split}, {@code cloud-raw} or {@code cloud-compressed}
     * @param splitPoint point 1..k of the ladder, 0 for the cloud kinds, k+1 for local, null for a split off the ladder
     * @param tensors what crosses
     * @param codec label of the level that the figures are for, empty for local
     * @param agreement of that level, null where unknown
     * @param agreementInputs that it was counted on, null where that is not known
     * @param agreementInterval lower and upper end of its 95 % interval, null where the inputs are not known
     * @param leakage distance correlation between the input and what crosses, null where unknown
     * @param measured whether head and tail of this very cut were run; false: predicted from single operators
     * @param simulated whether the figures rest on a device's times that were multiplied by a factor
     * @param refused why a constraint excludes it, or null
     * @param levels ways of encoding what crosses, by rising bytes; empty for local
     */
    public record Candidate(
            String kind,
            Integer splitPoint,
            List<String> tensors,
            String codec,
            double wireBytes,
            double replyBytes,
            double headMillis,
            double encodeMillis,
            double uplinkMillis,
            double decodeMillis,
            double tailMillis,
            double downlinkMillis,
            double totalMillis,
            Double agreement,
            Integer agreementInputs,
            List<Double> agreementInterval,
            Double leakage,
            long headMemoryBytes,
            boolean measured,
            boolean simulated,
            String refused,
            List<Level> levels) {}

    /** One way of encoding; the agreement is null where it was not measured. */
    public record Level(String label, double wireBytes, Double agreement) {}

    /** The candidate with this index is best from one uplink to another; the end is null where there is none. */
    public record Range(double fromBitsPerSecond, Double toBitsPerSecond, int candidate) {}

    /**
     * Operators that run as one.
     *
     * @param boundaryBytes uncompressed bytes that would cross right after it
     * @param candidate index of the candidate that cuts right after it, or null
     */
    public record Layer(String label, double edgeMillis, double cloudMillis, long boundaryBytes, Integer candidate) {}

    /**
     * Times from the input to the answer while the uplink varies and the downlink keeps its ratio to it.
     *
     * @param uplinkBitsPerSecond rising
     * @param totalMillis of each candidate, by index: one time for each uplink
     */
    public record Latency(List<Double> uplinkBitsPerSecond, List<List<Double>> totalMillis) {}

    public static PlanDocument of(SplitPlan plan) {
        return new PlanDocument(
                plan.model(),
                plan.nodes(),
                plan.edge(),
                plan.edgeSlowdown(),
                plan.cloud(),
                plan.metric(),
                plan.objective().name().toLowerCase(Locale.ROOT),
                plan.planMillis(),
                link(plan.link()),
                indices(plan.candidates()).map(index -> candidate(plan, index)).toList(),
                plan.chosen(),
                plan.ranges().stream().map(PlanDocument::range).toList(),
                plan.ladder(),
                finite(plan.ladderRegret()),
                plan.layers().stream().map(PlanDocument::layer).toList(),
                UplinkSweep.of(plan),
                plan.reason());
    }

    private static Stream<Integer> indices(List<?> list) {
        return IntStream.range(0, list.size()).boxed();
    }

    private static Link link(LinkProfile link) {
        return new Link(link.uplinkBitsPerSecond(), link.downlinkBitsPerSecond(), link.rttMillis());
    }

    private static Candidate candidate(SplitPlan plan, int index) {
        SplitPlan.Candidate row = plan.candidates().get(index);
        CandidateCost cost = row.cost();
        Proportion agreeing = Proportion.ofShare(cost.agreement(), cost.agreementInputs());
        boolean counted = agreeing.of() > 0;
        return new Candidate(
                cost.kind().jsonName(),
                splitPoint(plan, index),
                cost.tensors(),
                cost.codec(),
                cost.wireBytes(),
                cost.replyBytes(),
                cost.headMillis(),
                cost.encodeMillis(),
                row.uplinkMillis(),
                cost.decodeMillis(),
                cost.tailMillis(),
                row.downlinkMillis(),
                row.totalMillis(),
                finite(cost.agreement()),
                counted ? agreeing.of() : null,
                counted ? List.of(agreeing.low(), agreeing.high()) : null,
                finite(cost.leakage()),
                cost.headMemoryBytes(),
                cost.measured(),
                plan.edgeSlowdown() != 1 && cost.headMillis() + cost.encodeMillis() > 0,
                row.refused(),
                levels(cost.curve()));
    }

    private static Integer splitPoint(SplitPlan plan, int index) {
        CandidateKind kind = plan.candidates().get(index).cost().kind();
        int rung = plan.ladder().indexOf(index);
        return switch (kind) {
            case CLOUD_RAW, CLOUD_COMPRESSED -> 0;
            case LOCAL -> plan.ladder().size() + 1;
            case SPLIT -> rung < 0 ? null : Integer.valueOf(rung + 1);
        };
    }

    private static List<Level> levels(CodecCurve curve) {
        return curve == null
                ? List.of()
                : curve.levels().stream()
                        .map(level -> new Level(level.label(), level.wireBytes(), finite(level.agreement())))
                        .toList();
    }

    private static Range range(SplitPlan.Range range) {
        return new Range(range.fromBitsPerSecond(), finite(range.toBitsPerSecond()), range.candidate());
    }

    private static Layer layer(SplitPlan.Layer layer) {
        return new Layer(
                layer.label(),
                layer.edgeMillis(),
                layer.cloudMillis(),
                layer.boundaryBytes(),
                layer.candidate() < 0 ? null : Integer.valueOf(layer.candidate()));
    }

    private static Double finite(double value) {
        return Double.isFinite(value) ? Double.valueOf(value) : null;
    }
}
