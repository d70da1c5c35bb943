package dev.cleave.benchmarks.plan;

import dev.cleave.benchmarks.plan.RoundTripRow.Stage;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Predicate;
import java.util.function.ToDoubleFunction;

/** Round trips as predicted and as measured, and how far they are apart. One thread. */
final class PredictionReport {
    private static final double WANTED_ERROR = 0.1;

    private final List<String> devices = new ArrayList<>();
    private final List<RoundTripRow> rows = new ArrayList<>();

    /** A model whose round trips follow. */
    void add(PlanModel model) {
        devices.add("- " + model.describeEdge());
    }

    void add(RoundTripRow row) {
        rows.add(row);
    }

    List<String> lines() {
        List<String> lines = new ArrayList<>(devices);
        MarkdownTable totals = new MarkdownTable(
                "model",
                "link",
                "candidate",
                "chosen",
                "predicted ms",
                "measured ms",
                "error %",
                "bytes planned",
                "sent");
        for (RoundTripRow row : rows) {
            totals.row(
                    row.model(),
                    row.link(),
                    PlanOracle.describe(row.planned()),
                    row.chosen() ? "yes" : "",
                    row.predictedMillis(),
                    row.measuredMillis(),
                    row.error() * 100,
                    Math.round(row.planned().cost().wireBytes()),
                    Math.round(row.measuredBytes()));
        }
        lines.add("");
        lines.addAll(totals.lines());
        lines.add("");
        lines.add(
                "Stage by stage, milliseconds, predicted / measured; what no plan has a term for is in the last columns:");
        lines.add("");
        lines.addAll(stages().lines());
        lines.add("");
        lines.add(String.format(
                Locale.ROOT,
                "- no plan has a term for %.2f ms of a request (median over rows): %.2f ms of the network beyond the link's"
                        + " bytes and round trip, %.2f ms of queue and hand-overs",
                median(this::unknownNetwork) + median(this::rest),
                median(this::unknownNetwork),
                median(this::rest)));
        addError(lines, "splits", RoundTripRow::isSplit);
        addError(lines, "CLOUD", row -> !row.isSplit());
        addError(lines, "what a plan chose", RoundTripRow::chosen);
        lines.add(String.format(
                Locale.ROOT,
                "- %s: median error %.1f %% over all rows (wanted %.0f %%)",
                isPassed() ? "pass" : "FAIL",
                medianError(row -> true) * 100,
                WANTED_ERROR * 100));
        return lines;
    }

    private MarkdownTable stages() {
        MarkdownTable stages = new MarkdownTable(
                "model",
                "link",
                "candidate",
                "head",
                "encode",
                "network",
                "decode",
                "tail",
                "queue",
                "gateway's rest",
                "device's rest");
        for (RoundTripRow row : rows) {
            List<Object> cells = new ArrayList<>(List.of(row.model(), row.link(), PlanOracle.describe(row.planned())));
            for (Stage stage : Stage.values()) {
                cells.add(String.format(
                        Locale.ROOT, "%.2f / %.2f", row.predictedMillis(stage), row.measuredMillis(stage)));
            }
            cells.add(row.waterfall("queueMillis"));
            cells.add(row.waterfall("gatewayOtherMillis"));
            cells.add(row.waterfall("deviceOtherMillis"));
            stages.row(cells.toArray());
        }
        return stages;
    }

    private double unknownNetwork(RoundTripRow row) {
        return row.measuredMillis(Stage.NETWORK) - row.predictedMillis(Stage.NETWORK);
    }

    private double rest(RoundTripRow row) {
        return row.waterfall("queueMillis") + row.waterfall("gatewayOtherMillis") + row.waterfall("deviceOtherMillis");
    }

    private double median(ToDoubleFunction<RoundTripRow> value) {
        double[] sorted = rows.stream().mapToDouble(value).sorted().toArray();
        return sorted[sorted.length / 2];
    }

    private void addError(List<String> lines, String of, Predicate<RoundTripRow> which) {
        long count = rows.stream().filter(which).count();
        if (count > 0) {
            lines.add(String.format(
                    Locale.ROOT, "- median error %.1f %% over %d rows: %s", medianError(which) * 100, count, of));
        }
    }

    private double medianError(Predicate<RoundTripRow> which) {
        return RoundTripRow.median(rows.stream()
                .filter(which)
                .mapToDouble(row -> Math.abs(row.error()))
                .toArray());
    }

    boolean isPassed() {
        return medianError(row -> true) <= WANTED_ERROR;
    }
}
