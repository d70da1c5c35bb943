package dev.cleave.edge.micrometer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.cleave.edge.events.Answer;
import dev.cleave.edge.events.BundleVersion;
import dev.cleave.edge.events.Fallback;
import dev.cleave.edge.events.ShadowCheck;
import dev.cleave.edge.events.Source;
import dev.cleave.edge.events.Waterfall;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class AgentMetricsTest {
    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    private final AgentMetrics metrics = new AgentMetrics(registry);

    private void answered(long id, Source source, double uplinkMillis, double totalMillis, long bytes, boolean inTime) {
        Waterfall times = new Waterfall(2, 1, uplinkMillis, 0, 0, 3, 1, uplinkMillis + 1, 0, 0, totalMillis);
        metrics.requestAnswered(id, new Answer(source, 1, times, bytes, inTime, null));
        metrics.requestEnded(id, null);
    }

    private double count(String name, String... tags) {
        return registry.get(name).tags(tags).counter().count();
    }

    private Timer timer(String name, String... tags) {
        return registry.get(name).tags(tags).timer();
    }

    @Test
    void countsRequestsBySourceAndOutcome() {
        for (long id = 1; id <= 4; id++) {
            metrics.requestStarted(id, 1, 1);
        }
        answered(1, Source.SPLIT, 10, 20, 500, true);
        answered(2, Source.SPLIT, 30, 60, 700, false);
        metrics.requestEnded(3, "no answer");
        assertThat(count("cleave.edge.requests", "source", "split", "outcome", "ok"))
                .isEqualTo(1);
        assertThat(count("cleave.edge.requests", "source", "split", "outcome", "late"))
                .isEqualTo(1);
        assertThat(count("cleave.edge.requests", "source", "none", "outcome", "failed"))
                .isEqualTo(1);
        assertThat(count("cleave.edge.sent")).isEqualTo(1200);
        assertThat(registry.get("cleave.edge.open.requests").gauge().value()).isEqualTo(1);
    }

    @Test
    void timesRequestsAndTheirStages() {
        answered(1, Source.SPLIT, 10, 20, 500, true);
        answered(2, Source.SPLIT, 30, 60, 500, true);
        Timer total = timer("cleave.edge.request.duration", "source", "split");
        assertThat(total.count()).isEqualTo(2);
        assertThat(total.totalTime(TimeUnit.MILLISECONDS)).isCloseTo(80, within(1e-6));
        Timer uplink = timer("cleave.edge.stage.duration", "source", "split", "stage", "uplink");
        assertThat(uplink.totalTime(TimeUnit.MILLISECONDS)).isCloseTo(40, within(1e-6));
        assertThat(registry.find("cleave.edge.stage.duration")
                        .tag("stage", "total")
                        .timer())
                .isNull();
    }

    /** What a lost request had sent and encoded is no stage of the answer that the device then made. */
    @Test
    void showsOnlyTheHeadOfAnAnswerMadeOnTheDevice() {
        answered(1, Source.LOCAL, 0, 9, 0, true);
        assertThat(registry.find("cleave.edge.stage.duration").timers())
                .singleElement()
                .satisfies(timer -> assertThat(timer.getId().getTag("stage")).isEqualTo("head"));
    }

    @Test
    void countsStatesThatBeganAnew() {
        metrics.stateReset(1, "another connection");
        assertThat(count("cleave.edge.state.resets")).isEqualTo(1);
    }

    @Test
    void countsFramesThatGaveWay() {
        metrics.frameSuperseded(1);
        metrics.frameSuperseded(2);
        assertThat(count("cleave.edge.superseded.frames")).isEqualTo(2);
    }

    @Test
    void countsFallbacksByCause() {
        metrics.fallback(1, new Fallback(Fallback.Cause.LINK_DOWN, "gone"));
        metrics.fallback(2, new Fallback(Fallback.Cause.LINK_DOWN, "gone"));
        metrics.fallback(3, new Fallback(Fallback.Cause.DEADLINE_NEAR, "late"));
        assertThat(count("cleave.edge.fallbacks", "cause", "link_down")).isEqualTo(2);
        assertThat(count("cleave.edge.fallbacks", "cause", "deadline_near")).isEqualTo(1);
    }

    @Test
    void showsWhetherTheLinkIsUp() {
        assertThat(registry.get("cleave.edge.link.up").gauge().value()).isZero();
        metrics.linkUp("a:1", "1.0");
        assertThat(registry.get("cleave.edge.link.up").gauge().value()).isEqualTo(1);
        metrics.linkDown("a:1", "cable");
        assertThat(registry.get("cleave.edge.link.up").gauge().value()).isZero();
        assertThat(count("cleave.edge.link.losses")).isEqualTo(1);
    }

    @Test
    void showsWhichGatewayIsInUse() {
        metrics.linkDown("a:1", "refused");
        metrics.linkUp("b:1", "1.0");
        assertThat(inUse("a:1")).isZero();
        assertThat(inUse("b:1")).isEqualTo(1);
        metrics.linkDown("b:1", "drained");
        metrics.linkUp("a:1", "1.0");
        assertThat(inUse("a:1")).isEqualTo(1);
        assertThat(inUse("b:1")).isZero();
    }

    private double inUse(String gateway) {
        return registry.get("cleave.edge.gateway.in.use")
                .tags("gateway", gateway)
                .gauge()
                .value();
    }

    @Test
    void countsWhatBecomesOfNewVersions() {
        BundleVersion one = new BundleVersion("resnet", "1", 0, "aa");
        BundleVersion two = new BundleVersion("resnet", "2", 0, "bb");
        metrics.bundleUpdated(one, two);
        metrics.rolledBack(two, one, "slow");
        metrics.updateRefused(two, "large");
        metrics.updateRefused(two, "large");
        assertThat(count("cleave.edge.bundle.updates", "outcome", "updated")).isEqualTo(1);
        assertThat(count("cleave.edge.bundle.updates", "outcome", "rolled_back"))
                .isEqualTo(1);
        assertThat(count("cleave.edge.bundle.updates", "outcome", "refused")).isEqualTo(2);
    }

    @Test
    void countsRowsThatAgreeWithASecondRun() {
        metrics.shadowChecked(1, new ShadowCheck(1, "default", Source.LOCAL, "int8", "top-1", 8, 7));
        assertThat(count("cleave.edge.shadow.rows", "outcome", "agreed")).isEqualTo(7);
        assertThat(count("cleave.edge.shadow.rows", "outcome", "differed")).isEqualTo(1);
    }

    @Test
    void tellsAgentsOfOneProcessApart() {
        AgentMetrics second = new AgentMetrics(registry, List.of(Tag.of("agent", "second")));
        second.requestEnded(1, "no answer");
        assertThat(count("cleave.edge.requests", "agent", "second")).isEqualTo(1);
    }
}
