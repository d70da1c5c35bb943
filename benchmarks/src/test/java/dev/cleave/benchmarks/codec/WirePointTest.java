package dev.cleave.benchmarks.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cleave.answer.Proportion;
import dev.cleave.bundle.Manifest.PointMeasurement;
import dev.cleave.partition.verify.VerifyReport;
import java.util.List;
import org.junit.jupiter.api.Test;

class WirePointTest {
    private static final VerifyReport VERIFIED = new VerifyReport(
            10,
            null,
            "top-1",
            new VerifyReport.Reference("model", "", new Proportion(8, 10)),
            List.of(
                    point(0, "cloud", level("default", 9)),
                    point(1, "split", level("default", 300), level("coarse", 100), level("raw", 4000)),
                    point(2, "split", level("default", 200), level("raw", 3000)),
                    point(3, "local", level("default", 0))),
            List.of(),
            0,
            List.of());
    private static final List<List<Double>> ZSTD =
            List.of(List.of(), List.of(360.0, 120.0, 4000.0), List.of(250.0, 3000.0));

    @Test
    void everyLevelOfEverySplitIsAPointButForRaw() {
        List<WirePoint> points = WirePoint.of(VERIFIED, measured(290, 310), ZSTD);
        assertThat(points).extracting(each -> each.level().wireBytesMean()).containsExactly(300.0, 100.0, 200.0);
        assertThat(points).extracting(WirePoint::zstdBytes).containsExactly(360.0, 120.0, 250.0);
        assertThat(points).extracting(WirePoint::before).containsExactly(290.0, 95.0, 310.0);
    }

    @Test
    void theBestWasKnownBeforeItWasVerified() {
        WirePoint best = WirePoint.best(WirePoint.of(VERIFIED, measured(290, 310), ZSTD));
        assertThat(best.tensors()).as("though it takes more bytes here").containsExactly("t1");
        assertThat(best.level().name()).as("coarse may disagree twice as often").isEqualTo("default");
        assertThat(WirePoint.best(WirePoint.of(VERIFIED, measured(310, 290), ZSTD))
                        .tensors())
                .containsExactly("t2");
    }

    @Test
    void aLevelThatTheSplitDidNotMeasureIsNamed() {
        assertThatThrownBy(() -> WirePoint.of(VERIFIED, measured(290, 310).subList(0, 2), ZSTD))
                .hasMessage("point 2, level default was not measured by the split");
    }

    private static List<PointMeasurement> measured(double first, double second) {
        return List.of(
                new PointMeasurement(1, "default", first, 0.99, 5),
                new PointMeasurement(1, "coarse", 95, 0.97, 5),
                new PointMeasurement(2, "default", second, 0.99, 5));
    }

    private static VerifyReport.Point point(int index, String kind, VerifyReport.Level... levels) {
        return new VerifyReport.Point(index, kind, List.of("t" + index), List.of(levels), 0, 0);
    }

    private static VerifyReport.Level level(String name, double bytes) {
        Proportion all = new Proportion(10, 10);
        return new VerifyReport.Level(name, "", 0, bytes, 0, 0, all, all, 0, 0, 0, 0);
    }
}
