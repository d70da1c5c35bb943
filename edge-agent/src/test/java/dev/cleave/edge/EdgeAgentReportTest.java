package dev.cleave.edge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.cleave.v1.PointReport;
import dev.cleave.v1.Report;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class EdgeAgentReportTest extends AgentFixture {
    private static final long INTERVAL_NANOS = TimeUnit.SECONDS.toNanos(30);

    private EdgeAgent reporting(Split split) throws Exception {
        return started(
                builder(bundle).split(split).reports(Duration.ofSeconds(30)).networkClass(() -> "cellular"));
    }

    @Test
    void tellsTheGatewayWhatRequestsWereLike() throws Exception {
        EdgeAgent agent = reporting(Split.at(1));
        for (int i = 0; i < 5; i++) {
            get(agent.infer(AffineModel.inputs(1, i)));
        }
        assertThat(gateway.reports).isEmpty();
        clock.advance(INTERVAL_NANOS);
        Report report = gateway.reports.poll(60, TimeUnit.SECONDS);
        assertThat(report.getNetworkClass()).isEqualTo("cellular");
        assertThat(report.getPointsList()).singleElement().satisfies(point -> {
            assertThat(point.getSplitPoint()).isEqualTo(1);
            assertThat(point.getRequests()).isEqualTo(5);
            assertThat(point.getStagesCount()).isEqualTo(8);
        });
    }

    @Test
    void saysNothingWhereThereIsNothingToSay() throws Exception {
        reporting(Split.at(1));
        clock.advance(10 * INTERVAL_NANOS);
        assertThat(gateway.reports).isEmpty();
    }

    @Test
    void keepsWhatItHasToSayUntilTheGatewayIsBack() throws Exception {
        EdgeAgent agent = reporting(Split.at(1));
        get(agent.infer(AffineModel.inputs(1, 1)));
        gateway.kill();
        awaitLinkEvent("down");
        clock.advance(2 * INTERVAL_NANOS);
        get(agent.infer(AffineModel.inputs(1, 2)));
        linkEvents.clear();
        gateway.start();
        clock.advance(TimeUnit.SECONDS.toNanos(2));
        awaitLinkEvent("up");
        clock.advance(2 * INTERVAL_NANOS);
        assertThat(gateway.reports)
                .flatExtracting(Report::getPointsList)
                .extracting(PointReport::getRequests)
                .containsExactly(1L, 1L);
    }

    @Test
    void isSilentWhenItIsSwitchedOff() throws Exception {
        EdgeAgent agent = started(builder(bundle).split(Split.at(1)).reports(Duration.ZERO));
        get(agent.infer(AffineModel.inputs(1, 1)));
        clock.advance(10 * INTERVAL_NANOS);
        assertThat(gateway.reports).isEmpty();
    }

    @Test
    void refusesAnIntervalThatWouldFloodTheLink() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> EdgeAgent.builder().reports(Duration.ofMillis(5)))
                .withMessage("reports every PT0.005S; expected PT1S to PT24H, or zero for none");
    }
}
