package dev.cleave.partition.split;

import dev.cleave.bundle.Manifest.PointMeasurement;
import dev.cleave.bundle.PlanTable;
import dev.cleave.bundle.PlanTable.PlanRow;
import dev.cleave.partition.cut.Ladder;
import dev.cleave.partition.plan.CandidateCost;
import dev.cleave.partition.plan.CandidateKind;
import dev.cleave.partition.plan.CostTable;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What was measured to choose a ladder, as the bundle's manifest has it: the rows of its own points. */
final class ManifestPlan {
    private static final int MOST_CHARACTERS = 1000;

    private ManifestPlan() {}

    /** @param calibrated points 1..k, which stand where the table only guesses bytes; may be empty */
    static PlanTable of(CostTable table, Ladder ladder, List<PointMeasurement> calibrated) {
        List<PlanRow> rows = new ArrayList<>();
        find(table, CandidateKind.CLOUD_RAW, List.of()).ifPresent(cost -> rows.add(row(0, cost)));
        for (int point = 1; point <= ladder.size(); point++) {
            int index = point;
            PointMeasurement own = calibrated.stream()
                    .filter(any -> any.point() == index)
                    .findFirst()
                    .orElse(null);
            find(table, CandidateKind.SPLIT, ladder.points().get(point - 1).boundary())
                    .ifPresent(cost -> rows.add(cost.isSurveyed() || own == null ? row(index, cost) : row(cost, own)));
        }
        find(table, CandidateKind.LOCAL, List.of()).ifPresent(cost -> rows.add(row(ladder.size() + 1, cost)));
        int batch = table.rows().stream().mapToInt(CandidateCost::batch).max().orElse(1);
        return new PlanTable(words(table.edge()), table.edgeSlowdown(), words(table.cloud()), batch, rows);
    }

    /** As the format takes it: one line of bounded length. A reason in it may quote what an engine said. */
    private static String words(String text) {
        String line = text.replaceAll("\\p{Cntrl}+", " ");
        return line.length() <= MOST_CHARACTERS ? line : line.substring(0, MOST_CHARACTERS - 2) + "..";
    }

    private static Optional<CandidateCost> find(CostTable table, CandidateKind kind, List<String> boundary) {
        return table.rows().stream()
                .filter(cost -> cost.kind() == kind)
                .filter(cost ->
                        kind != CandidateKind.SPLIT || cost.cut().boundary().equals(boundary))
                .findFirst();
    }

    private static PlanRow row(int point, CandidateCost cost) {
        return row(point, cost, cost.wireBytes(), cost.agreement());
    }

    private static PlanRow row(CandidateCost cost, PointMeasurement own) {
        return row(own.point(), cost, own.wireBytesMean(), own.agreement());
    }

    private static PlanRow row(int point, CandidateCost cost, double wireBytes, double agreement) {
        return new PlanRow(
                point,
                cost.headMillis(),
                cost.encodeMillis(),
                cost.decodeMillis(),
                cost.tailMillis(),
                wireBytes,
                cost.replyBytes(),
                agreement,
                cost.leakage(),
                cost.headMemoryBytes(),
                cost.measured());
    }
}
