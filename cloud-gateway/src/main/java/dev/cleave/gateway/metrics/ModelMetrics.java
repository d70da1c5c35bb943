package dev.cleave.gateway.metrics;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter.MeterProvider;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.IntSupplier;
import java.util.stream.IntStream;

/**
 * The meters of one version of a model. Thread-safe. Label values are taken from closed sets, and device classes from a bounded one,
 * whatever an agent may send: the number of time series is bounded.
 */
public final class ModelMetrics {
    /** The outcome of a request that got its outputs. */
    public static final String OK = "ok";

    private static final Duration[] LATENCY_BUCKETS = IntStream.of(
                    1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000)
            .mapToObj(Duration::ofMillis)
            .toArray(Duration[]::new);
    private static final double[] ROW_BUCKETS = {1, 2, 4, 8, 16, 32, 64, 128, 256};
    private static final Set<String> AGENT_STAGES =
            Set.of("head", "encode", "uplink", "queue", "decode", "tail", "downlink", "total");
    private static final Set<String> REFERENCES = Set.of("local", "cloud");
    private static final Set<String> NETWORKS = Set.of("wifi", "cellular", "ethernet");

    /** More than that an agent cannot have done between two reports. */
    private static final long MAX_REPORTED = 1_000_000;

    private static final long MAX_REPORTED_MICROS = TimeUnit.HOURS.toMicros(24);

    /** In place of a point: the request named none that is served. */
    private static final int NOWHERE = -1;

    private final MeterRegistry registry;
    private final Tags labels;
    private final DeviceClasses devices;
    private final List<IntSupplier> queues = new CopyOnWriteArrayList<>();
    private final List<LimitMeters> limits = new CopyOnWriteArrayList<>();
    private final ByLabel<String, Counter> rejections;
    private final ByLabel<Answer, Counter> requests;
    private final ByLabel<Integer, Timer> latency;
    private final ByLabel<String, Timer> stages;
    private final ByLabel<String, Counter> drops;
    private final ByLabel<String, Counter> batches;
    private final MeterProvider<Counter> videoFrames;
    private final MeterProvider<Counter> unheldFrames;
    private final MeterProvider<Counter> lostStates;
    private final MeterProvider<Counter> builds;
    private final MeterProvider<Timer> buildTime;
    private final DistributionSummary batchRows;
    private final DistributionSummary batchRequests;
    private final ByLabel<Integer, Counter> joinedRequests;
    private final MeterProvider<Counter> paddedRows;
    private final Counter receivedBytes;
    private final Counter sentBytes;
    private final MeterProvider<Counter> agentRequests;
    private final MeterProvider<DistributionSummary> agentStages;
    private final MeterProvider<Counter> agentShadows;

    /** What a request's end is counted by. */
    private record Answer(int point, String outcome) {}

    ModelMetrics(MeterRegistry registry, String model, String version, DeviceClasses devices) {
        this.registry = registry;
        this.labels = Tags.of("model", model, "version", version);
        this.devices = devices;
        MeterProvider<Counter> answers = counter("cleave.requests", "Requests answered, by outcome");
        requests =
                new ByLabel<>(answer -> answers.withTags("point", point(answer.point()), "outcome", answer.outcome()));
        latency = byPoint(timer("cleave.request.duration", "From full receipt to the hand-over of the reply")::withTag);
        MeterProvider<Timer> shares =
                timer("cleave.stage.duration", "Share of each stage in a request's time at the gateway");
        stages = new ByLabel<>(stage -> shares.withTags("stage", stage));
        drops = byReason("cleave.drops", "Requests that were given up without a run, by reason");
        batches = byReason("cleave.batches", "Batches, by why they were closed");
        videoFrames = counter("cleave.video.frames", "Frames of videos, by how they were coded");
        unheldFrames = counter("cleave.video.unheld", "Frames of videos that were to be held and are not");
        lostStates = counter("cleave.state.lost", "Frames that continue a state which is not kept");
        builds = counter("cleave.engine.builds", "Builds for a provider that takes long, by what became of them");
        buildTime = Timer.builder("cleave.engine.build.duration")
                .description("How long builds took, whatever became of them")
                .tags(labels)
                .withRegistry(registry);
        batchRows = rows("cleave.batch.rows", "Rows of a batch");
        batchRequests = rows("cleave.batch.requests", "Requests of a batch");
        joinedRequests = byPoint(counter(
                "cleave.joined.requests", "Requests that joined a run of an earlier point on its way")::withTag);
        paddedRows = counter("cleave.padded.rows", "Rows that were run for nobody, as runs of more rows are faster");
        receivedBytes = counter("cleave.received", "Payload of frames", "bytes");
        sentBytes = counter("cleave.sent", "Payload of replies", "bytes");
        Gauge.builder(
                        "cleave.queue.requests",
                        queues,
                        lengths ->
                                lengths.stream().mapToInt(IntSupplier::getAsInt).sum())
                .description("Requests waiting for an executor")
                .tags(labels)
                .register(registry);
        rejections =
                byReason("cleave.rejected.requests", "Requests that were not taken in, by what was full or used up");
        limitGauge("cleave.limit.requests", "Requests that are taken in at a time; 0: no limit", LimitMeters::limit);
        limitGauge("cleave.limit.in.flight", "Requests that count towards the limit", LimitMeters::inFlight);
        agentRequests = counter("cleave.agent.requests", "Requests as agents report them");
        agentShadows = counter("cleave.agent.shadow.rows", "Rows that agents computed twice, as they report them");
        agentStages = DistributionSummary.builder("cleave.agent.stage.duration")
                .description("Quantiles of stages as agents report them")
                .baseUnit("seconds")
                .tags(labels)
                .withRegistry(registry);
    }

    /**
     * A request got its one reply.
     *
     * @param point null if it is not one that is served: such numbers are the agent's invention
     */
    public void answered(Integer point, String outcome, long residenceNanos) {
        int at = point == null ? NOWHERE : point;
        requests.of(new Answer(at, outcome)).increment();
        latency.of(at).record(residenceNanos, TimeUnit.NANOSECONDS);
    }

    /** A request was given up before it ran; also counted as answered. */
    public void dropped(String reason) {
        drops.of(reason).increment();
    }

    /** @param stage receive, queue, decode, tail, encode or residence */
    public void stage(String stage, long nanos) {
        stages.of(stage).record(Math.max(0, nanos), TimeUnit.NANOSECONDS);
    }

    public void batch(String closeReason, int rows, int members) {
        batches.of(closeReason).increment();
        batchRows.record(rows);
        batchRequests.record(members);
    }

    /** Rows were run that are nobody's, as a run of more was faster. */
    public void padded(int rows) {
        paddedRows.withTags().increment(rows);
    }

    /** Requests joined a run at a point. */
    public void joined(int point, int count) {
        joinedRequests.of(point).increment(count);
    }

    /** @param kind key, change or lost */
    public void videoFrame(String kind) {
        videoFrames.withTags("kind", kind).increment();
    }

    /** A frame of a video was read, but not held as the agent asked. */
    public void unheldFrame() {
        unheldFrames.withTags().increment();
    }

    /** A frame continues a state that is not kept, or not any more. */
    public void lostState() {
        lostStates.withTags().increment();
    }

    /** @param event started, and then done, failed or cancelled */
    public void build(String event) {
        builds.withTags("event", event).increment();
    }

    public void buildTime(long nanos) {
        buildTime.withTags().record(Math.max(0, nanos), TimeUnit.NANOSECONDS);
    }

    public void received(long bytes) {
        receivedBytes.increment(bytes);
    }

    public void sent(long bytes) {
        sentBytes.increment(bytes);
    }

    /** Adds a queue to the model's gauge; its length is read at every scrape. */
    public void queue(IntSupplier length) {
        queues.add(length);
    }

    /** Takes the queue out of the gauge again. */
    public void queueEnded(IntSupplier length) {
        queues.remove(length);
    }

    /** A limit's numbers, read at every scrape. */
    public record LimitMeters(IntSupplier limit, IntSupplier inFlight) {}

    /** Adds a limit to the model's gauges. */
    public void limit(LimitMeters meters) {
        limits.add(meters);
    }

    /** Takes the limit out of the gauges again. */
    public void limitEnded(LimitMeters meters) {
        limits.remove(meters);
    }

    private void limitGauge(String name, String description, Function<LimitMeters, IntSupplier> value) {
        Gauge.builder(
                        name,
                        limits,
                        all -> all.stream()
                                .mapToInt(each -> value.apply(each).getAsInt())
                                .sum())
                .description(description)
                .tags(labels)
                .register(registry);
    }

    /** A request was not taken in; also counted as answered and dropped. */
    public void rejected(Rejection reason) {
        rejections.of(label(reason)).increment();
    }

    /**
     * What an agent says it saw at one point since its last report.
     *
     * @param device its class, as it came
     * @param ended requests, whatever became of them
     */
    public void agentReport(String device, int point, String network, long ended, long failed, long hedged) {
        Tags tags = Tags.of(
                "device", devices.label(device),
                "point", Integer.toString(point),
                "network", NETWORKS.contains(network) ? network : "unknown");
        agentRequests.withTags(tags.and("outcome", "done")).increment(within(ended - failed, MAX_REPORTED));
        agentRequests.withTags(tags.and("outcome", "failed")).increment(within(failed, MAX_REPORTED));
        agentRequests.withTags(tags.and("outcome", "hedged")).increment(within(hedged, MAX_REPORTED));
    }

    /** A quantile of a stage in an agent's report; stages that are not known are ignored. */
    public void agentStage(String device, int point, String stage, String quantile, long micros) {
        if (AGENT_STAGES.contains(stage)) {
            Tags tags = Tags.of(
                    "device", devices.label(device), "point", Integer.toString(point), "stage", stage, "of", quantile);
            agentStages.withTags(tags).record(within(micros, MAX_REPORTED_MICROS) / 1e6);
        }
    }

    /**
     * What an agent found when it compared answers at a point with those of a second run; references that are not known are
     * ignored.
     */
    public void agentShadow(String device, int point, String reference, long rows, long agreed) {
        if (REFERENCES.contains(reference)) {
            long compared = within(rows, MAX_REPORTED);
            long same = within(agreed, compared);
            Tags tags =
                    Tags.of("device", devices.label(device), "point", Integer.toString(point), "reference", reference);
            agentShadows.withTags(tags.and("outcome", "agreed")).increment(same);
            agentShadows.withTags(tags.and("outcome", "differed")).increment(compared - same);
        }
    }

    private static long within(long claimed, long most) {
        return Math.max(0, Math.min(claimed, most));
    }

    /** The label value of an error code or a close reason. */
    public static String label(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT);
    }

    private ByLabel<String, Counter> byReason(String name, String description) {
        MeterProvider<Counter> all = counter(name, description);
        return new ByLabel<>(reason -> all.withTags("reason", reason));
    }

    private static <M> ByLabel<Integer, M> byPoint(BiFunction<String, String, M> withTag) {
        return new ByLabel<>(point -> withTag.apply("point", point(point)));
    }

    private static String point(int point) {
        return point == NOWHERE ? "none" : Integer.toString(point);
    }

    private MeterProvider<Counter> counter(String name, String description) {
        return Counter.builder(name).description(description).tags(labels).withRegistry(registry);
    }

    private Counter counter(String name, String description, String unit) {
        return Counter.builder(name)
                .description(description)
                .baseUnit(unit)
                .tags(labels)
                .register(registry);
    }

    private MeterProvider<Timer> timer(String name, String description) {
        return Timer.builder(name)
                .description(description)
                .serviceLevelObjectives(LATENCY_BUCKETS)
                .tags(labels)
                .withRegistry(registry);
    }

    private DistributionSummary rows(String name, String description) {
        return DistributionSummary.builder(name)
                .description(description)
                .serviceLevelObjectives(ROW_BUCKETS)
                .tags(labels)
                .register(registry);
    }
}
