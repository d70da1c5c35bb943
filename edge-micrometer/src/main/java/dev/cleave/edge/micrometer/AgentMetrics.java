package dev.cleave.edge.micrometer;

import dev.cleave.edge.events.AgentListener;
import dev.cleave.edge.events.Answer;
import dev.cleave.edge.events.BundleVersion;
import dev.cleave.edge.events.Fallback;
import dev.cleave.edge.events.ShadowCheck;
import dev.cleave.edge.events.Source;
import dev.cleave.edge.events.Stage;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter.MeterProvider;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.Collections;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;

/**
 * An agent's events as meters, named in docs/OPERATING.md. Thread-safe; one for each agent:
 *
 * <pre>{@code
 * EdgeAgent.builder().listener(new AgentMetrics(registry)) ...
 * }</pre>
 *
 * <p>Every tag's values come from a closed set.
 */
public final class AgentMetrics implements AgentListener {
    private static final Duration[] LATENCY_BUCKETS = IntStream.of(
                    1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000)
            .mapToObj(Duration::ofMillis)
            .toArray(Duration[]::new);
    private static final double NANOS_PER_MILLI = 1e6;

    private final MeterRegistry registry;
    private final Tags common;
    private final MeterProvider<Counter> requests;
    private final MeterProvider<Timer> durations;
    private final MeterProvider<Timer> stages;
    private final MeterProvider<Counter> fallbacks;
    private final Counter supersededFrames;
    private final Counter stateResets;
    private final MeterProvider<Counter> updates;
    private final MeterProvider<Counter> shadowRows;
    private final Counter sentBytes;
    private final Counter linkLosses;
    private final AtomicInteger open = new AtomicInteger();
    private final AtomicInteger linkUp = new AtomicInteger();
    private final Map<String, AtomicInteger> gatewaysInUse = new ConcurrentHashMap<>();

    public AgentMetrics(MeterRegistry registry) {
        this(registry, Collections.emptyList());
    }

    /** @param tags on every meter: tells several agents of one process apart */
    public AgentMetrics(MeterRegistry registry, Iterable<Tag> tags) {
        this.registry = registry;
        common = Tags.of(tags);
        requests = Counter.builder("cleave.edge.requests")
                .description("Requests that ended")
                .tags(common)
                .withRegistry(registry);
        durations = Timer.builder("cleave.edge.request.duration")
                .description("From the call to the answer")
                .serviceLevelObjectives(LATENCY_BUCKETS)
                .tags(common)
                .withRegistry(registry);
        stages = Timer.builder("cleave.edge.stage.duration")
                .description("Share of each stage in a request's time")
                .serviceLevelObjectives(LATENCY_BUCKETS)
                .tags(common)
                .withRegistry(registry);
        fallbacks = Counter.builder("cleave.edge.fallbacks")
                .description("Requests that the device took up in the gateway's place")
                .tags(common)
                .withRegistry(registry);
        supersededFrames = Counter.builder("cleave.edge.superseded.frames")
                .description("Frames of streams that gave way to newer ones")
                .tags(common)
                .register(registry);
        stateResets = Counter.builder("cleave.edge.state.resets")
                .description("States of streams that began anew")
                .tags(common)
                .register(registry);
        updates = Counter.builder("cleave.edge.bundle.updates")
                .description("Versions of the model that were taken, refused or given back")
                .tags(common)
                .withRegistry(registry);
        shadowRows = Counter.builder("cleave.edge.shadow.rows")
                .description("Rows of answers that were compared with a second run's")
                .tags(common)
                .withRegistry(registry);
        sentBytes = Counter.builder("cleave.edge.sent")
                .description("Encoded boundaries of requests that were answered")
                .baseUnit("bytes")
                .tags(common)
                .register(registry);
        linkLosses = Counter.builder("cleave.edge.link.losses")
                .description("Times that the gateway was lost")
                .tags(common)
                .register(registry);
        Gauge.builder("cleave.edge.open.requests", open, AtomicInteger::get)
                .description("Requests without an answer yet")
                .tags(common)
                .register(registry);
        Gauge.builder("cleave.edge.link.up", linkUp, AtomicInteger::get)
                .description("Whether a stream to the gateway is open")
                .tags(common)
                .register(registry);
    }

    @Override
    public void requestStarted(long request, int splitPoint, int rows) {
        open.incrementAndGet();
    }

    @Override
    public void fallback(long request, Fallback why) {
        fallbacks.withTags("cause", name(why.cause())).increment();
    }

    @Override
    public void requestAnswered(long request, Answer answer) {
        String source = name(answer.source());
        requests.withTags("source", source, "outcome", answer.deadlineMet() ? "ok" : "late")
                .increment();
        record(durations.withTags("source", source), answer, Stage.TOTAL);
        for (Stage stage : Stage.values()) {
            boolean passed = stage != Stage.TOTAL && stage.millis(answer.waterfall()) > 0;
            if (passed && (answer.source() != Source.LOCAL || stage == Stage.HEAD)) {
                record(stages.withTags("source", source, "stage", stage.wireName()), answer, stage);
            }
        }
        sentBytes.increment(answer.wireBytes());
    }

    @Override
    public void requestEnded(long request, String failure) {
        open.decrementAndGet();
        if (failure != null) {
            requests.withTags("source", "none", "outcome", "failed").increment();
        }
    }

    @Override
    public void frameSuperseded(long stream) {
        supersededFrames.increment();
    }

    @Override
    public void stateReset(long stream, String why) {
        stateResets.increment();
    }

    @Override
    public void linkUp(String gateway, String gatewayVersion) {
        linkUp.set(1);
        inUse(gateway).set(1);
    }

    @Override
    public void linkDown(String gateway, String reason) {
        linkUp.set(0);
        inUse(gateway).set(0);
        linkLosses.increment();
    }

    /** As many as the agent has addresses, at most. */
    private AtomicInteger inUse(String gateway) {
        return gatewaysInUse.computeIfAbsent(gateway, address -> {
            AtomicInteger inUse = new AtomicInteger();
            Gauge.builder("cleave.edge.gateway.in.use", inUse, AtomicInteger::get)
                    .description("Whether requests cross to this gateway")
                    .tags(common.and("gateway", address))
                    .strongReference(true)
                    .register(registry);
            return inUse;
        });
    }

    @Override
    public void bundleUpdated(BundleVersion from, BundleVersion to) {
        updates.withTags("outcome", "updated").increment();
    }

    @Override
    public void updateRefused(BundleVersion offered, String why) {
        updates.withTags("outcome", "refused").increment();
    }

    @Override
    public void rolledBack(BundleVersion from, BundleVersion to, String why) {
        updates.withTags("outcome", "rolled_back").increment();
    }

    @Override
    public void shadowChecked(long request, ShadowCheck check) {
        String reference = name(check.reference());
        shadowRows.withTags("reference", reference, "outcome", "agreed").increment(check.agreed());
        shadowRows.withTags("reference", reference, "outcome", "differed").increment(check.rows() - check.agreed());
    }

    private static void record(Timer timer, Answer answer, Stage stage) {
        timer.record((long) (stage.millis(answer.waterfall()) * NANOS_PER_MILLI), TimeUnit.NANOSECONDS);
    }

    private static String name(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT);
    }
}
