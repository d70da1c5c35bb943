package dev.cleave.edge.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.cleave.edge.events.Answer;
import dev.cleave.edge.events.Fallback;
import dev.cleave.edge.events.Source;
import dev.cleave.edge.events.Waterfall;
import dev.cleave.v1.PointReport;
import dev.cleave.v1.Report;
import dev.cleave.v1.Stage;
import org.junit.jupiter.api.Test;

class FieldReportTest {
    private final FieldReport report = new FieldReport();
    private long ids;

    private void answered(int chosen, int at, double uplinkMillis, double totalMillis) {
        long id = ++ids;
        report.requestStarted(id, chosen, 1);
        if (at != chosen) {
            report.fallback(id, new Fallback(Fallback.Cause.DEADLINE_NEAR, "late"));
        }
        Waterfall waterfall = new Waterfall(1, 0, uplinkMillis, 0, 0, 0, 0, uplinkMillis, 0, 0, totalMillis);
        report.requestAnswered(
                id, new Answer(at == chosen ? Source.SPLIT : Source.LOCAL, at, waterfall, 10, true, null));
        report.requestEnded(id, null);
    }

    private static Stage stage(PointReport point, String name) {
        return point.getStagesList().stream()
                .filter(stage -> stage.getName().equals(name))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void sumsUpEachPointByItself() {
        for (int i = 1; i <= 100; i++) {
            answered(1, 1, i, 2 * i);
        }
        answered(3, 3, 0, 7);
        Report taken = report.take("wifi");
        assertThat(taken.getNetworkClass()).isEqualTo("wifi");
        assertThat(taken.getPointsList()).extracting(PointReport::getSplitPoint).containsExactly(1, 3);
        PointReport first = taken.getPoints(0);
        assertThat(first.getRequests()).isEqualTo(100);
        assertThat(first.getFailed() + first.getHedged()).isZero();
        assertThat((double) stage(first, "uplink").getP50Micros()).isCloseTo(50_000, within(1600.0));
        assertThat((double) stage(first, "uplink").getP90Micros()).isCloseTo(90_000, within(2900.0));
        assertThat((double) stage(first, "total").getP99Micros()).isCloseTo(198_000, within(6200.0));
        assertThat(first.getStagesCount()).isEqualTo(8);
    }

    /** A request that the device answered has no uplink: it must not make the link look fast. */
    @Test
    void countsOnlyTheTotalOfWhatTheDeviceTookUp() {
        answered(1, 1, 40, 80);
        answered(1, 4, 0, 200);
        PointReport point = report.take("unknown").getPoints(0);
        assertThat(point.getRequests()).isEqualTo(2);
        assertThat(point.getHedged()).isEqualTo(1);
        assertThat((double) stage(point, "uplink").getP50Micros()).isCloseTo(40_000, within(1300.0));
        assertThat((double) stage(point, "total").getP99Micros()).isCloseTo(200_000, within(6300.0));
    }

    @Test
    void countsFailuresAtThePointThatWasChosen() {
        report.requestStarted(1, 2, 1);
        report.requestEnded(1, "no answer");
        PointReport point = report.take("unknown").getPoints(0);
        assertThat(point.getSplitPoint()).isEqualTo(2);
        assertThat(point.getRequests()).isEqualTo(1);
        assertThat(point.getFailed()).isEqualTo(1);
        assertThat(point.getStagesList()).isEmpty();
    }

    @Test
    void beginsAnewAndIsSilentWithoutRequests() {
        assertThat(report.take("unknown")).isNull();
        answered(1, 1, 1, 1);
        report.requestStarted(99, 1, 1);
        assertThat(report.take("unknown").getPoints(0).getRequests()).isEqualTo(1);
        assertThat(report.take("unknown")).isNull();
        report.requestEnded(99, "later");
        assertThat(report.take("unknown").getPoints(0).getRequests()).isEqualTo(1);
    }
}
