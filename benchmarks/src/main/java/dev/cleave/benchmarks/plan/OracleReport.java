package dev.cleave.benchmarks.plan;

import dev.cleave.partition.plan.LinkProfile;
import dev.cleave.partition.plan.SplitPlan;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The cells of plans against an oracle, and what they come to. One thread. */
final class OracleReport {
    private static final double WANTED_SHARE = 0.95;
    private static final double WANTED_SPEEDUP = 8;
    private static final double WANTED_GATEWAY_GAIN = 3;
    /** How much slower a plan may be that spares the gateway. */
    private static final double PATIENCE = 1.2;

    private final List<CellVerdict> cells = new ArrayList<>();
    private final Map<String, Integer> cuts = new LinkedHashMap<>();
    private final List<String> devices = new ArrayList<>();
    private final List<GatewayCell> gateway = new ArrayList<>();

    /** Gateway milliseconds of three plans of one cell, and the totals' ratio of the sparing one to the fast one. */
    private record GatewayCell(double fastMillis, double sparingMillis, double cloudMillis, Interval slower) {}

    /** A model whose cells follow. */
    void add(PlanModel model, Oracle oracle) {
        devices.add("- " + model.describeEdge());
        devices.add("- " + model.name() + ": " + oracle.describeLocal());
        cuts.put(model.name(), oracle.cuts());
    }

    void add(PlanModel model, ShapedLink link, double slowdown, SplitPlan fast, SplitPlan sparing, Oracle oracle) {
        LinkProfile profile = link.profile();
        OracleCandidate chosen = oracle.of(fast.best().cost());
        Estimate total = chosen.total(profile, slowdown);
        Estimate least = oracle.least(profile, slowdown);
        OracleCandidate best = oracle.best(profile, slowdown);
        cells.add(new CellVerdict(
                model.name(),
                link,
                slowdown,
                fast.best(),
                PlanOracle.describe(best.kind(), best.tensors())
                        + String.format(
                                Locale.ROOT,
                                " %.2f",
                                best.total(profile, slowdown).value()),
                total.over(least).interval(),
                total.over(oracle.leastUnsplit(profile, slowdown)).interval(),
                oracle.floatCloud(profile).value() / total.value()));
        OracleCandidate spares = oracle.of(sparing.best().cost());
        gateway.add(new GatewayCell(
                chosen.gatewayMillis(),
                spares.gatewayMillis(),
                oracle.cloudGatewayMillis(),
                spares.total(profile, slowdown).over(least).interval()));
    }

    List<String> lines() {
        List<String> lines = new ArrayList<>();
        lines.add("- cuts measured: " + cuts);
        lines.addAll(devices);
        lines.add("");
        MarkdownTable table = new MarkdownTable(
                "model",
                "link",
                "slow",
                "planner chose",
                "predicted ms",
                "oracle's best ms",
                "over best",
                "near",
                "over unsplit",
                "near",
                "x fp32 cloud");
        for (CellVerdict cell : cells) {
            table.row(
                    cell.model(),
                    cell.link(),
                    cell.slowdown(),
                    PlanOracle.describe(cell.chosen()),
                    cell.chosen().totalMillis(),
                    cell.oracleBest(),
                    cell.overBest(),
                    cell.isNearBest() ? "yes" : "NO",
                    cell.overUnsplit(),
                    cell.isNearUnsplit() ? "yes" : "NO",
                    cell.speedup());
        }
        lines.addAll(table.lines());
        lines.add("");
        lines.addAll(summary());
        return lines;
    }

    private List<String> summary() {
        List<String> lines = new ArrayList<>();
        lines.add(line(
                nearShare() >= WANTED_SHARE,
                "within %.0f %% of the oracle in %d of %d cells, %.1f %% (wanted %.0f %%)",
                (CellVerdict.TOLERANCE - 1) * 100,
                cells.stream().filter(CellVerdict::isNearBest).count(),
                cells.size(),
                nearShare() * 100,
                WANTED_SHARE * 100));
        lines.add(line(
                neverWorse(),
                "never more than %.0f %% slower than the best of LOCAL, CLOUD u8 and CLOUD JPEG: %d cells are",
                (CellVerdict.TOLERANCE - 1) * 100,
                cells.stream().filter(cell -> !cell.isNearUnsplit()).count()));
        double speedup = speedup();
        if (!Double.isNaN(speedup)) {
            lines.add(line(
                    speedup >= WANTED_SPEEDUP,
                    "%.1f times as fast as CLOUD with fp32 inputs on 3G and LTE, geometric mean (wanted %.0f)",
                    speedup,
                    WANTED_SPEEDUP));
        }
        double fast = gateway.stream().mapToDouble(GatewayCell::fastMillis).sum();
        double sparing =
                gateway.stream().mapToDouble(GatewayCell::sparingMillis).sum();
        double cloud = gateway.stream().mapToDouble(GatewayCell::cloudMillis).sum();
        long impatient =
                gateway.stream().filter(cell -> cell.slower.low() > PATIENCE).count();
        lines.add(line(
                impatient == 0 && cloud >= WANTED_GATEWAY_GAIN * sparing,
                "gateway's time, sum over cells: %.1f ms with objective gateway, %.1f ms with objective latency, %.1f ms if all is"
                        + " CLOUD (wanted a third of that); more than %.1f times as slow as the best in %d cells",
                sparing,
                fast,
                cloud,
                PATIENCE,
                impatient));
        return lines;
    }

    private static String line(boolean passed, String format, Object... values) {
        return "- " + (passed ? "pass" : "FAIL") + ": " + String.format(Locale.ROOT, format, values);
    }

    private double nearShare() {
        return (double) cells.stream().filter(CellVerdict::isNearBest).count() / cells.size();
    }

    private boolean neverWorse() {
        return cells.stream().allMatch(CellVerdict::isNearUnsplit);
    }

    /** NaN without a cell on 3G or LTE. */
    private double speedup() {
        return Math.exp(cells.stream()
                .filter(cell -> cell.link() == ShapedLink.THREE_G || cell.link() == ShapedLink.LTE)
                .mapToDouble(cell -> Math.log(cell.speedup()))
                .average()
                .orElse(Double.NaN));
    }

    /** Whether plans are as good as they have to be. */
    boolean isPassed() {
        return nearShare() >= WANTED_SHARE && neverWorse();
    }
}
