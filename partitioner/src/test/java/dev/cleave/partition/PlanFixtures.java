package dev.cleave.partition;

import dev.cleave.partition.calibrate.CodecCurve;
import dev.cleave.partition.calibrate.CodecCurve.Level;
import dev.cleave.partition.cut.Cut;
import dev.cleave.partition.plan.CandidateCost;
import dev.cleave.partition.plan.CandidateKind;
import dev.cleave.partition.plan.LinkProfile;
import dev.cleave.partition.plan.Objective;
import dev.cleave.partition.plan.SplitPlan;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Plans made of arithmetic, for tests of whatever shows or stores a plan. The network has MobileNetV2's layers; times
 * follow from its multiplications, bytes and agreements from simple formulas, totals and ranges from the costs.
 */
public final class PlanFixtures {
    private static final double SLOWDOWN = 20;
    private static final double INPUT_BYTES = 3 * 224 * 224;
    private static final double REPLY_BYTES = 4000;
    private static final String TOO_LARGE = "the head needs 9.4 MB; expected at most 8 MB";

    private PlanFixtures() {}

    /** Every kind of row: local, both cloud kinds, splits of one and two tensors, predicted, unknown and refused. */
    public static SplitPlan everyKindOfRow() {
        return plan(new LinkProfile(1.5e6, 5e6, 40), layers(), costs(), SLOWDOWN);
    }

    /** The same on a link so slow that the device alone is fastest; no device is simulated, no agreement is known. */
    public static SplitPlan localWithoutAgreements() {
        List<CandidateCost> costs =
                costs().stream().map(PlanFixtures::withoutAgreements).toList();
        return plan(new LinkProfile(64e3, 64e3, 300), layers(), costs, 1);
    }

    /** Every candidate is refused, nothing is chosen, and there is neither a ladder nor a range nor a layer. */
    public static SplitPlan everyCandidateRefused() {
        SplitPlan plan = everyKindOfRow();
        List<SplitPlan.Candidate> refused = plan.candidates().stream()
                .map(row -> new SplitPlan.Candidate(
                        row.cost(), row.uplinkMillis(), row.downlinkMillis(), row.totalMillis(), TOO_LARGE))
                .toList();
        return new SplitPlan(
                plan.model(),
                plan.nodes(),
                plan.edge(),
                1,
                plan.cloud(),
                plan.metric(),
                plan.link(),
                Objective.BYTES,
                refused,
                -1,
                List.of(),
                List.of(),
                Double.NaN,
                List.of(),
                "Nothing is left to choose from: every candidate is refused.",
                0.2);
    }

    /** The same rows, with a text in place of every name that comes from a file. */
    public static SplitPlan withNames(String text) {
        SplitPlan plan = everyKindOfRow();
        List<SplitPlan.Candidate> rows = plan.candidates().stream()
                .map(row -> new SplitPlan.Candidate(
                        withNames(row.cost(), text),
                        row.uplinkMillis(),
                        row.downlinkMillis(),
                        row.totalMillis(),
                        row.refused() == null ? null : text))
                .toList();
        List<SplitPlan.Layer> layers = plan.layers().stream()
                .map(layer -> new SplitPlan.Layer(
                        text, layer.edgeMillis(), layer.cloudMillis(), layer.boundaryBytes(), layer.candidate()))
                .toList();
        return new SplitPlan(
                text,
                plan.nodes(),
                text,
                plan.edgeSlowdown(),
                text,
                text,
                plan.link(),
                plan.objective(),
                rows,
                plan.chosen(),
                plan.ranges(),
                plan.ladder(),
                plan.ladderRegret(),
                layers,
                text,
                plan.planMillis());
    }

    private static SplitPlan plan(
            LinkProfile link, List<SplitPlan.Layer> layers, List<CandidateCost> costs, double slow) {
        List<SplitPlan.Candidate> rows = costs.stream()
                .map(cost -> on(link, cost))
                .sorted(Comparator.comparing((SplitPlan.Candidate row) -> row.refused() != null)
                        .thenComparing(SplitPlan.Candidate::totalMillis))
                .toList();
        List<Integer> ladder = IntStream.range(0, rows.size())
                .boxed()
                .filter(row ->
                        rows.get(row).cost().measured() && rows.get(row).cost().cut() != null)
                .sorted(Comparator.comparing(row -> rows.get(row).cost().cut().size()))
                .limit(4)
                .toList();
        return new SplitPlan(
                "mobilenetv2.onnx",
                105,
                "Cortex-class core, 1 thread, ONNX Runtime 1.29",
                slow,
                "server, 8 threads, ONNX Runtime 1.29",
                "top-1",
                link,
                Objective.LATENCY,
                rows,
                0,
                ranges(rows, link),
                ladder,
                0.031,
                marked(layers, rows),
                reason(rows, link),
                1.7);
    }

    private static SplitPlan.Candidate on(LinkProfile link, CandidateCost cost) {
        boolean local = cost.kind() == CandidateKind.LOCAL;
        return new SplitPlan.Candidate(
                cost,
                local ? 0 : link.uplinkMillis(cost.wireBytes()),
                local ? 0 : link.downlinkMillis(cost.replyBytes()),
                cost.totalMillis(link),
                cost.headMemoryBytes() > 8_000_000 && !local ? TOO_LARGE : null);
    }

    private static String reason(List<SplitPlan.Candidate> rows, LinkProfile link) {
        SplitPlan.Candidate best = rows.get(0);
        SplitPlan.Candidate second = rows.stream()
                .filter(row -> row.cost().kind() != best.cost().kind())
                .findFirst()
                .orElseThrow();
        String where = best.cost().cut() == null
                ? best.cost().kind().jsonName()
                : "Split after " + best.cost().cut().point();
        return String.format(
                Locale.ROOT,
                "%s: %.0f ms from input to answer at %.1f Mbit/s, against %.0f ms for %s.",
                where,
                best.totalMillis(),
                link.uplinkBitsPerSecond() / 1e6,
                second.totalMillis(),
                second.cost().kind().jsonName());
    }

    /** Borders to within 2 %. */
    private static List<SplitPlan.Range> ranges(List<SplitPlan.Candidate> rows, LinkProfile link) {
        List<SplitPlan.Range> ranges = new ArrayList<>();
        double from = 1e4;
        int winner = fastest(rows, link.withUplink(from));
        for (double rate = from; rate < 1e9; rate *= 1.02) {
            int now = fastest(rows, link.withUplink(rate));
            if (now != winner) {
                ranges.add(new SplitPlan.Range(from, rate, winner));
                from = rate;
                winner = now;
            }
        }
        ranges.add(new SplitPlan.Range(from, Double.POSITIVE_INFINITY, winner));
        return ranges;
    }

    private static int fastest(List<SplitPlan.Candidate> rows, LinkProfile link) {
        return IntStream.range(0, rows.size())
                .filter(row -> rows.get(row).refused() == null)
                .boxed()
                .min(Comparator.comparing(row -> rows.get(row).cost().totalMillis(link)))
                .orElseThrow();
    }

    private static List<SplitPlan.Layer> marked(List<SplitPlan.Layer> layers, List<SplitPlan.Candidate> rows) {
        List<SplitPlan.Layer> marked = new ArrayList<>(layers);
        for (int row = 0; row < rows.size(); row++) {
            Cut cut = rows.get(row).cost().cut();
            if (cut != null) {
                SplitPlan.Layer at = layers.get(cut.size() - 1);
                marked.set(
                        cut.size() - 1,
                        new SplitPlan.Layer(at.label(), at.edgeMillis(), at.cloudMillis(), at.boundaryBytes(), row));
            }
        }
        return marked;
    }

    private static List<CandidateCost> costs() {
        List<CandidateCost> costs = new ArrayList<>();
        for (int block : new int[] {2, 4, 7, 11, 14, 17}) {
            costs.add(split(3 * block, List.of("/features/features." + block + "/conv/conv.2/Conv_output_0"), true));
        }
        costs.add(split(
                3 * 12 + 1,
                List.of("/features/features.12/Add_output_0", "/features/features.13/conv/conv.0/Clip_output_0"),
                false));
        List<SplitPlan.Layer> layers = layers();
        double onDevice =
                layers.stream().mapToDouble(SplitPlan.Layer::edgeMillis).sum();
        double onGateway =
                layers.stream().mapToDouble(SplitPlan.Layer::cloudMillis).sum();
        costs.add(new CandidateCost(
                CandidateKind.LOCAL, null, List.of(), null, "", 0, 0, onDevice, 0, 0, 0, 1, 1, 0, 0, 19_300_000, true));
        List<String> input = List.of("input");
        costs.add(new CandidateCost(
                CandidateKind.CLOUD_RAW,
                null,
                input,
                CodecCurve.of("u8", INPUT_BYTES, 1),
                "u8",
                INPUT_BYTES,
                REPLY_BYTES,
                0,
                0.4,
                0.6,
                onGateway,
                1,
                1,
                0,
                1,
                0,
                true));
        CodecCurve jpeg = new CodecCurve(List.of(
                new Level("jpeg:30", 6_900, 0.875),
                new Level("jpeg:50", 9_800, 0.92),
                new Level("jpeg:75", 14_100, 0.955),
                new Level("jpeg:90", 25_300, 0.98),
                new Level("jpeg:95", 36_800, 0.99)));
        costs.add(new CandidateCost(
                CandidateKind.CLOUD_COMPRESSED,
                null,
                input,
                jpeg,
                "jpeg:90",
                25_300,
                REPLY_BYTES,
                0,
                14.2,
                3.1,
                onGateway,
                1,
                0.98,
                200,
                0.997,
                0,
                true));
        return costs;
    }

    /** A cut after a number of layers. */
    private static CandidateCost split(int layerCount, List<String> tensors, boolean measured) {
        List<SplitPlan.Layer> layers = layers();
        long boundaryBytes = layers.get(layerCount - 1).boundaryBytes();
        double depth = (double) layerCount / layers.size();
        CodecCurve curve = new CodecCurve(Stream.of(2, 3, 4, 5, 6)
                .map(bits -> new Level(
                        "quant:" + (1 << bits) + "/channel",
                        Math.rint(boundaryBytes * bits * 0.022),
                        measured && bits > 2 ? 1 - (0.33 - 0.15 * depth) / Math.pow(2.2, bits - 1) : Double.NaN))
                .toList());
        Level level = curve.levels().get(2);
        BitSet head = new BitSet();
        head.set(0, layerCount);
        List<SplitPlan.Layer> before = layers.subList(0, layerCount);
        List<SplitPlan.Layer> after = layers.subList(layerCount, layers.size());
        return new CandidateCost(
                CandidateKind.SPLIT,
                new Cut(head, tensors, List.of(), List.of("output")),
                tensors,
                curve,
                level.label(),
                level.wireBytes(),
                REPLY_BYTES,
                before.stream().mapToDouble(SplitPlan.Layer::edgeMillis).sum(),
                boundaryBytes * 9e-5,
                boundaryBytes * 8e-6,
                after.stream().mapToDouble(SplitPlan.Layer::cloudMillis).sum(),
                1,
                level.agreement(),
                0,
                measured ? 0.95 - 0.4 * depth : Double.NaN,
                Math.round(1e6 + 9e6 * depth * depth * depth),
                measured);
    }

    /**
     * Expansion, depthwise and projection of each of the 17 blocks; the stem counts as the first block's expansion.
     * Nothing crosses after the last layer.
     */
    private static List<SplitPlan.Layer> layers() {
        int[] expansion = {1, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6};
        int[] channels = {16, 24, 24, 32, 32, 32, 64, 64, 64, 64, 96, 96, 96, 160, 160, 160, 320};
        int[] sides = {112, 56, 56, 28, 28, 28, 14, 14, 14, 14, 14, 14, 14, 7, 7, 7, 7};
        List<SplitPlan.Layer> layers = new ArrayList<>();
        int in = 32;
        int side = 112;
        for (int block = 0; block < 17; block++) {
            String name = "/features/features." + (block + 1) + "/conv/";
            long wide = (long) in * expansion[block];
            long small = (long) sides[block] * sides[block];
            boolean first = block == 0;
            boolean skips = !first && channels[block] == channels[block - 1];
            long skip = skips ? in * small : 0;
            double multiplications = first ? 27.0 * 32 * side * side : (double) in * wide * side * side;
            layers.add(layer(name + "conv.0/Conv", multiplications, wide * side * side + skip));
            layers.add(layer(name + "conv.1/Conv", 9 * wide * small, wide * small + skip));
            layers.add(layer(
                    name + (skips ? "Add" : "conv.2/Conv"),
                    (double) wide * channels[block] * small,
                    channels[block] * small));
            in = channels[block];
            side = sides[block];
        }
        layers.add(layer("/features/features.18/Conv", 320.0 * 1280 * 49, 1280));
        layers.add(layer("/classifier/Gemm", 1280.0 * 1000, 0));
        return layers;
    }

    private static SplitPlan.Layer layer(String name, double multiplications, long boundaryElements) {
        return new SplitPlan.Layer(
                "Conv " + name,
                SLOWDOWN * (multiplications / 25e6 + 0.02),
                multiplications / 160e6 + 0.012,
                4 * boundaryElements,
                -1);
    }

    private static CandidateCost withoutAgreements(CandidateCost cost) {
        CodecCurve curve = cost.curve() == null
                ? null
                : new CodecCurve(cost.curve().levels().stream()
                        .map(level -> new Level(level.label(), level.wireBytes(), Double.NaN))
                        .toList());
        return with(cost, cost.tensors(), curve, cost.codec(), Double.NaN, Double.NaN);
    }

    private static CandidateCost withNames(CandidateCost cost, String text) {
        List<String> tensors = cost.tensors().stream().map(tensor -> text).toList();
        return with(cost, tensors, cost.curve(), cost.codec(), cost.agreement(), cost.leakage());
    }

    private static CandidateCost with(
            CandidateCost cost,
            List<String> tensors,
            CodecCurve curve,
            String codec,
            double agreement,
            double leakage) {
        return new CandidateCost(
                cost.kind(),
                cost.cut(),
                tensors,
                curve,
                codec,
                cost.wireBytes(),
                cost.replyBytes(),
                cost.headMillis(),
                cost.encodeMillis(),
                cost.decodeMillis(),
                cost.tailMillis(),
                cost.batch(),
                agreement,
                cost.agreementInputs(),
                leakage,
                cost.headMemoryBytes(),
                cost.measured());
    }
}
