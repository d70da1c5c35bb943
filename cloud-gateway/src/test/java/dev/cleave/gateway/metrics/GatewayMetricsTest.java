package dev.cleave.gateway.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleave.v1.Error;
import org.junit.jupiter.api.Test;

class GatewayMetricsTest {
    private final GatewayMetrics metrics = new GatewayMetrics();
    private final ModelMetrics model = metrics.model("resnet");

    @Test
    void countsRequestsByPointAndOutcome() {
        model.answered(2, ModelMetrics.OK, 3_000_000);
        model.answered(2, ModelMetrics.OK, 3_000_000);
        model.answered(0, ModelMetrics.label(Error.Code.DEADLINE_EXCEEDED), 1);
        assertThat(metrics.scrape())
                .contains("cleave_requests_total{model=\"resnet\",outcome=\"ok\",point=\"2\"} 2.0")
                .contains("cleave_requests_total{model=\"resnet\",outcome=\"deadline_exceeded\",point=\"0\"} 1.0")
                .contains("cleave_request_duration_seconds_bucket{model=\"resnet\",point=\"2\",le=\"0.005\"} 2");
    }

    @Test
    void showsBatchSizesAndWhyBatchesWereClosed() {
        model.batch("idle", 1, 1);
        model.batch("full", 8, 5);
        assertThat(metrics.scrape())
                .contains("cleave_batches_total{model=\"resnet\",reason=\"full\"} 1.0")
                .contains("cleave_batch_rows_bucket{model=\"resnet\",le=\"4.0\"} 1")
                .contains("cleave_batch_rows_sum{model=\"resnet\"} 9.0")
                .contains("cleave_batch_requests_max{model=\"resnet\"} 5.0");
    }

    @Test
    void showsQueueStreamsBytesStagesAndDrops() {
        model.queue(() -> 3);
        model.queue(() -> 4);
        metrics.streamOpened();
        model.received(100);
        model.sent(40);
        model.stage("tail", 2_000_000);
        model.dropped("overloaded");
        assertThat(metrics.scrape())
                .contains("cleave_queue_requests{model=\"resnet\"} 7.0")
                .contains("cleave_streams_open 1.0")
                .contains("cleave_received_bytes_total{model=\"resnet\"} 100.0")
                .contains("cleave_sent_bytes_total{model=\"resnet\"} 40.0")
                .contains("cleave_stage_duration_seconds_count{model=\"resnet\",stage=\"tail\"} 1")
                .contains("cleave_drops_total{model=\"resnet\",reason=\"overloaded\"} 1.0");
    }

    @Test
    void takesNoLabelFromAnAgentsFreeText() {
        model.agentReport(1, "evil\"network", 3, 1, 0);
        model.agentStage("made-up", "0.5", 10);
        model.agentStage("uplink", "0.5", 20_000);
        assertThat(metrics.scrape())
                .contains(
                        "cleave_agent_requests_total{model=\"resnet\",network=\"unknown\",outcome=\"done\",point=\"1\"}"
                                + " 3.0")
                .contains("cleave_agent_stage_duration_seconds_sum{model=\"resnet\",of=\"0.5\",stage=\"uplink\"} 0.02")
                .doesNotContain("evil")
                .doesNotContain("made-up");
    }

    @Test
    void givesTheSameMetersForTheSameName() {
        assertThat(metrics.model("resnet")).isSameAs(model);
    }
}
