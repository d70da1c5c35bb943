package dev.cleave.gateway.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleave.gateway.metrics.GatewayMetrics.ModelGauges;
import dev.cleave.v1.Error;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.IntSupplier;
import org.junit.jupiter.api.Test;

class GatewayMetricsTest {
    private final GatewayMetrics metrics = new GatewayMetrics();
    private final ModelMetrics model = metrics.model("resnet", "1");

    @Test
    void countsRequestsByPointAndOutcome() {
        model.answered(2, ModelMetrics.OK, 3_000_000);
        model.answered(2, ModelMetrics.OK, 3_000_000);
        model.answered(0, ModelMetrics.label(Error.Code.DEADLINE_EXCEEDED), 1);
        assertThat(metrics.scrape())
                .contains("cleave_requests_total{model=\"resnet\",outcome=\"ok\",point=\"2\",version=\"1\"} 2.0")
                .contains(
                        "cleave_requests_total{model=\"resnet\",outcome=\"deadline_exceeded\",point=\"0\",version=\"1\"} 1.0")
                .contains(
                        "cleave_request_duration_seconds_bucket{model=\"resnet\",point=\"2\",version=\"1\",le=\"0.005\"} 2");
    }

    @Test
    void showsBatchSizesAndWhyBatchesWereClosed() {
        model.batch("idle", 1, 1);
        model.batch("full", 8, 5);
        assertThat(metrics.scrape())
                .contains("cleave_batches_total{model=\"resnet\",reason=\"full\",version=\"1\"} 1.0")
                .contains("cleave_batch_rows_bucket{model=\"resnet\",version=\"1\",le=\"4.0\"} 1")
                .contains("cleave_batch_rows_sum{model=\"resnet\",version=\"1\"} 9.0")
                .contains("cleave_batch_requests_max{model=\"resnet\",version=\"1\"} 5.0");
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
                .contains("cleave_queue_requests{model=\"resnet\",version=\"1\"} 7.0")
                .contains("cleave_streams_open 1.0")
                .contains("cleave_received_bytes_total{model=\"resnet\",version=\"1\"} 100.0")
                .contains("cleave_sent_bytes_total{model=\"resnet\",version=\"1\"} 40.0")
                .contains("cleave_stage_duration_seconds_count{model=\"resnet\",stage=\"tail\",version=\"1\"} 1")
                .contains("cleave_drops_total{model=\"resnet\",reason=\"overloaded\",version=\"1\"} 1.0");
    }

    @Test
    void takesNoLabelFromAnAgentsFreeText() {
        model.agentReport("rpi-4", 1, "evil\"network", 4, 1, 0);
        model.agentStage("rpi-4", 1, "made-up", "0.5", 10);
        model.agentStage("rpi-4", 1, "uplink", "0.5", 20_000);
        assertThat(metrics.scrape())
                .contains("cleave_agent_requests_total{device=\"rpi-4\",model=\"resnet\",network=\"unknown\","
                        + "outcome=\"done\",point=\"1\",version=\"1\"} 3.0")
                .contains("cleave_agent_stage_duration_seconds_sum{device=\"rpi-4\",model=\"resnet\",of=\"0.5\","
                        + "point=\"1\",stage=\"uplink\",version=\"1\"} 0.02")
                .doesNotContain("evil")
                .doesNotContain("made-up");
    }

    /** Whatever thousands of agents call themselves, and however long. */
    @Test
    void keepsTheNumberOfDeviceClassesBounded() {
        model.agentReport("rpi-4", 1, "wifi", 1, 0, 0);
        for (int i = 0; i < 1000; i++) {
            model.agentReport("made-up-" + i + "x".repeat(i), 1, "wifi", 1, 0, 0);
        }
        model.agentReport("rpi-4", 1, "wifi", 1, 0, 0);
        List<String> done = metrics.scrape()
                .lines()
                .filter(line -> line.startsWith("cleave_agent_requests_total") && line.contains("\"done\""))
                .toList();
        assertThat(done)
                .hasSize(DeviceClasses.MOST + 1)
                .anyMatch(line -> line.contains("device=\"rpi-4\"") && line.endsWith(" 2.0"))
                .anyMatch(line -> line.contains("device=\"other\"") && line.endsWith(" 969.0"))
                .allMatch(line -> line.length() < 200);
    }

    @Test
    void takesNoDeviceClassOutOfItsQuotes() {
        model.agentReport("a\"} 1\ncleave_up{b=\"", 1, "wifi", 1, 0, 0);
        model.agentReport("  ", 1, "wifi", 1, 0, 0);
        assertThat(metrics.scrape())
                .contains("device=\"a__ 1_cleave_up_b__\"")
                .contains("device=\"unknown\"")
                .doesNotContain("\ncleave_up");
    }

    @Test
    void believesNoMoreThanAnAgentCanHaveDone() {
        model.agentReport("rpi-4", 1, "wifi", Long.MAX_VALUE, Long.MIN_VALUE, -1);
        model.agentStage("rpi-4", 1, "total", "0.99", Long.MAX_VALUE);
        assertThat(metrics.scrape())
                .doesNotContain("E18")
                .contains("cleave_agent_stage_duration_seconds_sum{device=\"rpi-4\",model=\"resnet\",of=\"0.99\","
                        + "point=\"1\",stage=\"total\",version=\"1\"} 86400.0");
    }

    @Test
    void countsRowsThatAgentsComparedByDeviceClass() {
        model.agentShadow("rpi-4", 2, "local", 10, 9);
        model.agentShadow("rpi-4", 2, "local", 5, 5);
        model.agentShadow("rpi-4", 2, "made-up", 5, 5);
        model.agentShadow("rpi-4", 2, "cloud", -1, 7);
        String rows = "cleave_agent_shadow_rows_total{device=\"rpi-4\",model=\"resnet\",";
        assertThat(metrics.scrape())
                .contains(rows + "outcome=\"agreed\",point=\"2\",reference=\"local\",version=\"1\"} 14.0")
                .contains(rows + "outcome=\"differed\",point=\"2\",reference=\"local\",version=\"1\"} 1.0")
                .contains(rows + "outcome=\"agreed\",point=\"2\",reference=\"cloud\",version=\"1\"} 0.0")
                .doesNotContain("made-up");
    }

    @Test
    void takesTheMetersOfAVersionThatIsUnloadedOffThePage() {
        ModelMetrics next = metrics.model("resnet", "2");
        model.answered(2, ModelMetrics.OK, 1);
        model.received(5);
        next.received(7);
        metrics.release("resnet", "1");
        metrics.release("resnet", "3");
        assertThat(metrics.scrape())
                .doesNotContain("version=\"1\"")
                .contains("cleave_received_bytes_total{model=\"resnet\",version=\"2\"} 7.0");
    }

    @Test
    void whatIsCountedAfterwardsComesBackNowhere() {
        model.received(5);
        metrics.release("resnet", "1");
        model.received(7);
        model.answered(2, ModelMetrics.OK, 1);
        model.build("cancelled");
        model.buildTime(1);
        model.agentReport("rpi-4", 1, "wifi", 4, 1, 0);
        assertThat(metrics.scrape()).doesNotContain("version=\"1\"");
        ModelMetrics again = metrics.model("resnet", "1");
        again.received(2);
        model.received(11);
        assertThat(metrics.scrape())
                .contains("cleave_received_bytes_total{model=\"resnet\",version=\"1\"} 2.0")
                .doesNotContain("event=\"cancelled\"");
    }

    @Test
    void whereAVersionStandsIsShownWhetherItHasMetersOrNot() {
        metrics.models(List.of(new ModelGauges("resnet", "1", "failed", "", 0, 0)));
        metrics.release("resnet", "1");
        assertThat(metrics.scrape())
                .contains("cleave_model_state{model=\"resnet\",state=\"failed\",version=\"1\"} 1.0")
                .doesNotContain("cleave_queue_requests{model=\"resnet\"");
    }

    @Test
    void metersStayUntilNobodyNeedsThemAnyMore() {
        assertThat(metrics.model("resnet", "1")).isSameAs(model);
        model.received(5);
        metrics.release("resnet", "1");
        model.received(2);
        assertThat(metrics.scrape()).contains("cleave_received_bytes_total{model=\"resnet\",version=\"1\"} 7.0");
        metrics.release("resnet", "1");
        assertThat(metrics.scrape()).doesNotContain("version=\"1\"");
    }

    @Test
    void takesAQueueThatEndedOutOfTheSum() {
        IntSupplier three = () -> 3;
        model.queue(three);
        model.queue(() -> 4);
        model.queueEnded(three);
        assertThat(metrics.scrape()).contains("cleave_queue_requests{model=\"resnet\",version=\"1\"} 4.0");
    }

    @Test
    void showsWhereEveryVersionStandsInPlaceOfWhatItShowedBefore() {
        metrics.models(List.of(
                new ModelGauges("resnet", "1", "ready", "cpu", 100, 2),
                new ModelGauges("resnet", "2", "loading", "", 50, 0),
                new ModelGauges("resnet", "1", "draining", "cuda", 10, 1)));
        assertThat(metrics.scrape())
                .contains("cleave_model_state{model=\"resnet\",state=\"ready\",version=\"1\"} 1.0")
                .contains("cleave_model_state{model=\"resnet\",state=\"draining\",version=\"1\"} 1.0")
                .contains("cleave_model_provider{model=\"resnet\",provider=\"cpu\",version=\"1\"} 1.0")
                .contains("cleave_model_provider{model=\"resnet\",provider=\"cuda\",version=\"1\"} 1.0")
                .doesNotContain("cleave_model_provider{model=\"resnet\",provider=\"\"")
                .contains("cleave_model_loaded_bytes{model=\"resnet\",version=\"1\"} 110.0")
                .contains("cleave_model_streams{model=\"resnet\",version=\"1\"} 3.0");
        metrics.models(List.of(new ModelGauges("resnet", "2", "ready", "cpu", 60, 0)));
        assertThat(metrics.scrape())
                .doesNotContain("cleave_model_state{model=\"resnet\",state=\"ready\",version=\"1\"}")
                .doesNotContain("state=\"loading\"")
                .contains("cleave_model_loaded_bytes{model=\"resnet\",version=\"2\"} 60.0");
        metrics.modelsReadable(false);
        assertThat(metrics.scrape()).contains("cleave_models_readable 0.0");
    }

    @Test
    void aPageThatIsAskedForWhileVersionsChangeIsWhole() throws Exception {
        AtomicBoolean done = new AtomicBoolean();
        Thread changing = new Thread(() -> {
            for (int i = 0; !done.get(); i++) {
                metrics.models(List.of(new ModelGauges("resnet", "1", i % 2 == 0 ? "ready" : "draining", "cpu", i, i)));
            }
        });
        changing.start();
        try {
            for (int i = 0; i < 300; i++) {
                assertThat(metrics.scrape()).contains("cleave_streams_open 0.0");
            }
        } finally {
            done.set(true);
            changing.join();
        }
    }

    @Test
    void showsAProviderItDoesNotKnowAsOther() {
        metrics.models(List.of(new ModelGauges("m", "1", "ready", "abacus", 0, 0)));
        assertThat(metrics.scrape())
                .contains("cleave_model_provider{model=\"m\",provider=\"other\",version=\"1\"} 1.0")
                .doesNotContain("abacus");
    }

    @Test
    void countsBuildsByWhatBecameOfThem() {
        ModelMetrics meters = metrics.model("m", "1");
        meters.build("started");
        meters.build("done");
        meters.buildTime(2_000_000_000L);
        assertThat(metrics.scrape())
                .contains("cleave_engine_builds_total{event=\"started\",model=\"m\",version=\"1\"} 1.0")
                .contains("cleave_engine_builds_total{event=\"done\",model=\"m\",version=\"1\"} 1.0")
                .contains("cleave_engine_build_duration_seconds_sum{model=\"m\",version=\"1\"} 2.0");
    }

    @Test
    void givesTheSameMetersForTheSameName() {
        assertThat(metrics.model("resnet", "1")).isSameAs(model);
    }
}
