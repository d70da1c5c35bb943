package dev.cleave.edge.report;

import dev.cleave.edge.events.Answer;
import dev.cleave.edge.events.ShadowCheck;
import dev.cleave.edge.events.Source;
import dev.cleave.edge.events.Stage;
import dev.cleave.edge.events.Waterfall;
import dev.cleave.v1.PointReport;
import dev.cleave.v1.ShadowReport;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;

/** What the requests of one point were like; some 15 KB, whatever their number. Not thread-safe. */
final class PointSummary {
    private static final double MICROS_PER_MILLI = 1000;

    private final int point;
    private final Map<Stage, Quantiles> stages = new EnumMap<>(Stage.class);
    private long requests;
    private long failed;
    private long hedged;
    private final Map<Source, long[]> shadows = new EnumMap<>(Source.class);

    PointSummary(int point) {
        this.point = point;
        for (Stage stage : Stage.values()) {
            stages.put(stage, new Quantiles());
        }
    }

    /**
     * A request that was meant for this point has ended.
     *
     * @param answer null if it failed
     * @param takenUp whether the device took it up itself on the way
     */
    void ended(Answer answer, boolean takenUp) {
        requests++;
        hedged += takenUp ? 1 : 0;
        if (answer == null) {
            failed++;
            return;
        }
        Waterfall waterfall = answer.waterfall();
        if (answer.splitPoint() == point) {
            stages.forEach((stage, times) -> times.record(micros(stage.millis(waterfall))));
        } else {
            stages.get(Stage.TOTAL).record(micros(Stage.TOTAL.millis(waterfall)));
        }
    }

    /** An answer at this point was compared with that of a second run. */
    void shadowed(ShadowCheck check) {
        long[] rows = shadows.computeIfAbsent(check.reference(), reference -> new long[2]);
        rows[0] += check.rows();
        rows[1] += check.agreed();
    }

    boolean isEmpty() {
        return requests == 0 && shadows.isEmpty();
    }

    /** Stages that nothing is known of are left out. */
    PointReport report() {
        PointReport.Builder report = PointReport.newBuilder()
                .setSplitPoint(point)
                .setRequests(requests)
                .setFailed(failed)
                .setHedged(hedged);
        stages.forEach((stage, times) -> {
            if (times.total() > 0) {
                report.addStages(dev.cleave.v1.Stage.newBuilder()
                        .setName(stage.wireName())
                        .setP50Micros(times.micros(0.5))
                        .setP90Micros(times.micros(0.9))
                        .setP99Micros(times.micros(0.99)));
            }
        });
        shadows.forEach((reference, rows) -> report.addShadows(ShadowReport.newBuilder()
                .setReference(reference.name().toLowerCase(Locale.ROOT))
                .setRows(rows[0])
                .setAgreed(rows[1])));
        return report.build();
    }

    void clear() {
        shadows.clear();
        requests = 0;
        failed = 0;
        hedged = 0;
        stages.values().forEach(Quantiles::clear);
    }

    private static long micros(double millis) {
        return Math.round(millis * MICROS_PER_MILLI);
    }
}
