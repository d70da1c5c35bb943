package dev.cleave.benchmarks.codec;

import dev.cleave.bundle.Manifest.PointMeasurement;
import dev.cleave.bundle.QualityLevel;
import dev.cleave.partition.verify.VerifyReport;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * A split point at one quality level, on pictures that the split did not see.
 *
 * @param level as it was verified
 * @param zstdBytes mean payload of the same symbols with zstd
 * @param before mean payload on the inputs of the split that had no part in choosing its codec
 */
record WirePoint(List<String> tensors, VerifyReport.Level level, double zstdBytes, double before) {
    /**
     * Points 1..k with all their levels but {@code raw}.
     *
     * @param measurements of the split
     * @param zstdBytes by point from 0 on and level
     */
    static List<WirePoint> of(
            VerifyReport verified, List<PointMeasurement> measurements, List<List<Double>> zstdBytes) {
        List<WirePoint> points = new ArrayList<>();
        for (VerifyReport.Point point : verified.points()) {
            if (!point.kind().equals("split")) {
                continue;
            }
            for (int i = 0; i < point.levels().size(); i++) {
                VerifyReport.Level level = point.levels().get(i);
                if (!level.name().equals(QualityLevel.RAW)) {
                    points.add(new WirePoint(
                            point.tensors(),
                            level,
                            zstdBytes.get(point.index()).get(i),
                            before(measurements, point.index(), level.name())));
                }
            }
        }
        return points;
    }

    private static double before(List<PointMeasurement> measurements, int point, String level) {
        return measurements.stream()
                .filter(each -> each.point() == point && each.level().equals(level))
                .mapToDouble(PointMeasurement::wireBytesMean)
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException(
                        "point " + point + ", level " + level + " was not measured by the split"));
    }

    /** The point whose default had the fewest bytes before anything here was measured, so that no luck is in its figures. */
    static WirePoint best(List<WirePoint> points) {
        return points.stream()
                .filter(each -> each.level.name().equals(QualityLevel.DEFAULT))
                .min(Comparator.comparingDouble(WirePoint::before))
                .orElseThrow();
    }
}
