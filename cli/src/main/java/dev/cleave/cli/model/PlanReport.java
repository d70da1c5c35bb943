package dev.cleave.cli.model;

import dev.cleave.cli.output.Abbreviation;
import dev.cleave.cli.output.Table;
import dev.cleave.cli.output.Terminal;
import dev.cleave.cli.units.BitRate;
import dev.cleave.cli.units.TimeSpan;
import dev.cleave.partition.plan.CandidateCost;
import dev.cleave.partition.plan.CandidateKind;
import dev.cleave.partition.plan.SplitPlan;
import dev.cleave.partition.plan.SplitPlan.Candidate;
import dev.cleave.partition.plan.SplitPlan.Range;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** A plan for people: the candidates, who wins on which uplink, the ladder, and the reason. */
final class PlanReport {
    private final SplitPlan plan;

    PlanReport(SplitPlan plan) {
        this.plan = plan;
    }

    void print(Terminal terminal) {
        terminal.print("device   " + plan.edge()
                + (plan.edgeSlowdown() == 1 ? "" : ", simulated: times x " + number(plan.edgeSlowdown())));
        terminal.print("gateway  " + plan.cloud());
        terminal.print("link     up " + rate(plan.link().uplinkBitsPerSecond()) + ", down "
                + rate(plan.link().downlinkBitsPerSecond()) + ", rtt "
                + TimeSpan.formatMillis(plan.link().rttMillis()));
        terminal.print("");
        terminal.print(candidates());
        terminal.print("ms, for one input; * predicted, not run; agreement: " + plan.metric());
        refusals(terminal);
        terminal.print("");
        terminal.print("best by uplink: " + ranges());
        if (!plan.ladder().isEmpty()) {
            terminal.print(
                    "ladder: " + plan.ladder().stream().map(this::name).collect(Collectors.joining(", ")) + regret());
        }
        terminal.print("");
        terminal.print(plan.reason());
    }

    private String regret() {
        return Double.isNaN(plan.ladderRegret())
                ? ""
                : String.format(
                        Locale.ROOT,
                        "; at most %.1f %% slower than the best candidate, 64 kbit/s to 100 Mbit/s",
                        plan.ladderRegret() * 100);
    }

    private Table candidates() {
        Table table = Table.of(
                "",
                "candidate",
                "codec",
                "bytes",
                "head",
                "encode",
                "up",
                "decode",
                "tail",
                "down",
                "total",
                "agreement (95 %)",
                "leakage");
        for (int i = 0; i < plan.candidates().size(); i++) {
            Candidate candidate = plan.candidates().get(i);
            row(table, i == plan.chosen() ? ">" : candidate.refused() != null ? "x" : "", candidate);
        }
        return table;
    }

    private static void row(Table table, String mark, Candidate candidate) {
        CandidateCost cost = candidate.cost();
        boolean local = cost.kind() == CandidateKind.LOCAL;
        table.row(
                mark,
                name(cost) + (cost.measured() ? "" : " *"),
                local ? null : cost.codec(),
                Math.round(cost.wireBytes()),
                millis(cost.headMillis()),
                millis(cost.encodeMillis()),
                millis(candidate.uplinkMillis()),
                millis(cost.decodeMillis()),
                millis(cost.tailMillis()),
                millis(candidate.downlinkMillis()),
                millis(candidate.totalMillis()),
                ShareText.of(cost.agreement(), cost.agreementInputs()),
                Double.isNaN(cost.leakage()) ? null : String.format(Locale.ROOT, "%.2f", cost.leakage()));
    }

    private void refusals(Terminal terminal) {
        plan.candidates().stream()
                .filter(candidate ->
                        candidate.refused() != null && candidate.cost().isSurveyed())
                .forEach(candidate -> terminal.print("x " + name(candidate.cost()) + ": " + candidate.refused()));
    }

    private String ranges() {
        List<Range> ranges = plan.ranges();
        if (ranges.isEmpty()) {
            return "none";
        }
        return ranges.stream()
                .map(range -> name(range.candidate())
                        + (range.toBitsPerSecond() == Double.POSITIVE_INFINITY
                                ? ranges.size() == 1 ? " everywhere" : " above"
                                : " to " + rate(range.toBitsPerSecond())))
                .collect(Collectors.joining(", "));
    }

    private String name(int candidate) {
        return name(plan.candidates().get(candidate).cost());
    }

    private static String name(CandidateCost cost) {
        return cost.kind() == CandidateKind.SPLIT
                ? Abbreviation.ofLast(cost.tensors())
                : cost.kind().jsonName();
    }

    private static String rate(double bitsPerSecond) {
        return new BitRate(Math.max(1, Math.round(bitsPerSecond))).toString();
    }

    private static String millis(double millis) {
        return String.format(Locale.ROOT, millis < 10 ? "%.2f" : "%.1f", millis);
    }

    private static String number(double value) {
        return value == Math.rint(value) ? String.valueOf((long) value) : String.valueOf(value);
    }
}
