package dev.cleave.gateway.metrics;

import io.micrometer.core.instrument.Clock;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.MultiGauge.Row;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.composite.CompositeMeterRegistry;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntSupplier;
import java.util.function.LongSupplier;

/** Owns the registry behind {@code /metrics}. Thread-safe. docs/OPERATING.md lists every name. */
public final class GatewayMetrics implements AutoCloseable {
    /** Names of what {@link #models} shows, which is not a version's own. */
    private static final String OF_VERSIONS = "cleave.model.";

    private static final Set<String> PROVIDERS = Set.of("cpu", "cuda", "tensorrt");

    private final Clock clock = new SteadyClock(System::nanoTime);
    private final PrometheusMeterRegistry registry =
            new PrometheusMeterRegistry(PrometheusConfig.DEFAULT, new PrometheusRegistry(), clock);
    private final Map<List<String>, Registered> models = new HashMap<>();
    private final MultiGauge states;
    private final MultiGauge loadedBytes;
    private final MultiGauge modelStreams;
    private final MultiGauge providers;
    private final AtomicInteger readable = new AtomicInteger(1);
    private final DeviceClasses devices = new DeviceClasses();
    private final DeviceClasses deniedDevices = new DeviceClasses();
    private final AtomicInteger openStreams = new AtomicInteger();

    public GatewayMetrics() {
        Gauge.builder("cleave.streams.open", openStreams, AtomicInteger::get)
                .description("Streams that agents hold open")
                .register(registry);
        Gauge.builder("cleave.models.readable", readable, AtomicInteger::get)
                .description("1 while the models directory can be read")
                .register(registry);
        states = MultiGauge.builder(OF_VERSIONS + "state")
                .description("1 for the state that a version of a model is in")
                .register(registry);
        loadedBytes = MultiGauge.builder(OF_VERSIONS + "loaded")
                .description("Memory that is counted for a version of a model")
                .baseUnit("bytes")
                .register(registry);
        modelStreams = MultiGauge.builder(OF_VERSIONS + "streams")
                .description("Streams that agents hold open for a version of a model")
                .register(registry);
        providers = MultiGauge.builder(OF_VERSIONS + "provider")
                .description("1 for the execution provider that a version of a model runs on")
                .register(registry);
        new JvmMemoryMetrics().bindTo(registry);
    }

    /** The meters of a version, by way of a registry that can be taken off this one; and how many have asked for them. */
    private static final class Registered {
        private final CompositeMeterRegistry link;
        private final ModelMetrics meters;
        private int users;

        Registered(CompositeMeterRegistry link, ModelMetrics meters) {
            this.link = link;
            this.meters = meters;
        }
    }

    /**
     * The meters of one version of a model; the same object for the same two, until everybody who asked for it has called
     * {@link #release}.
     */
    public synchronized ModelMetrics model(String name, String version) {
        Registered registered = models.computeIfAbsent(List.of(name, version), key -> {
            CompositeMeterRegistry link = new CompositeMeterRegistry(clock, List.of(registry));
            return new Registered(link, new ModelMetrics(link, name, version, devices));
        });
        registered.users++;
        return registered.meters;
    }

    /**
     * One of those who asked for a version's meters needs them no more. With the last one they go off the page, as what comes and goes
     * for months must not pile up; whatever is still counted on them, however late, is counted nowhere.
     */
    public synchronized void release(String name, String version) {
        Registered registered = models.get(List.of(name, version));
        if (registered == null || --registered.users > 0) {
            return;
        }
        models.remove(List.of(name, version));
        registered.link.remove(registry); // First, so that none is added while they are removed.
        for (Meter meter : registry.getMeters()) {
            Meter.Id id = meter.getId();
            if (name.equals(id.getTag("model"))
                    && version.equals(id.getTag("version"))
                    && !id.getName().startsWith(OF_VERSIONS)) {
                registry.remove(meter);
            }
        }
    }

    /**
     * What is shown of one version; two of the same name, version and state are shown as one.
     *
     * @param provider empty while it is not loaded
     */
    public record ModelGauges(String model, String version, String state, String provider, long bytes, int streams) {}

    /** Shows where every version stands, in place of what was shown before. */
    public synchronized void models(Collection<ModelGauges> versions) {
        Map<Tags, long[]> byVersion = new LinkedHashMap<>();
        Set<Tags> inState = new LinkedHashSet<>();
        Set<Tags> onProvider = new LinkedHashSet<>();
        for (ModelGauges version : versions) {
            Tags tags = Tags.of("model", version.model(), "version", version.version());
            long[] sums = byVersion.computeIfAbsent(tags, key -> new long[2]);
            sums[0] += version.bytes();
            sums[1] += version.streams();
            inState.add(tags.and("state", version.state()));
            if (!version.provider().isEmpty()) {
                String provider = PROVIDERS.contains(version.provider()) ? version.provider() : "other";
                onProvider.add(tags.and("provider", provider));
            }
        }
        states.register(ones(inState), true);
        providers.register(ones(onProvider), true);
        loadedBytes.register(rows(byVersion, 0), true);
        modelStreams.register(rows(byVersion, 1), true);
    }

    private static List<Row<?>> ones(Set<Tags> rows) {
        return rows.stream().<Row<?>>map(tags -> Row.of(tags, 1)).toList();
    }

    private static List<Row<?>> rows(Map<Tags, long[]> sums, int index) {
        return sums.entrySet().stream()
                .<Row<?>>map(entry -> Row.of(entry.getKey(), entry.getValue()[index]))
                .toList();
    }

    /** @param is whether the models directory could be read when it was looked at last */
    public void modelsReadable(boolean is) {
        readable.set(is ? 1 : 0);
    }

    public void streamOpened() {
        openStreams.incrementAndGet();
    }

    public void streamClosed() {
        openStreams.decrementAndGet();
    }

    /** Shows how much encoded payload waits or runs; read at every scrape. */
    public void heldBytes(LongSupplier bytes) {
        Gauge.builder("cleave.held", bytes, LongSupplier::getAsLong)
                .description("Payload of frames that wait or run")
                .baseUnit("bytes")
                .strongReference(true) // The supplier is nobody else's.
                .register(registry);
    }

    /** Shows how much has come of what is not whole yet; read at every scrape. */
    public void incomingBytes(LongSupplier bytes) {
        Gauge.builder("cleave.incoming", bytes, LongSupplier::getAsLong)
                .description("What has come of messages, frames and bodies that are not whole")
                .baseUnit("bytes")
                .strongReference(true) // The supplier is nobody else's.
                .register(registry);
    }

    /** Shows how much is held of videos; read at every scrape. */
    public void referenceBytes(LongSupplier bytes) {
        Gauge.builder("cleave.reference", bytes, LongSupplier::getAsLong)
                .description("Symbols of video frames that later ones may be coded against")
                .baseUnit("bytes")
                .strongReference(true) // The supplier is nobody else's.
                .register(registry);
    }

    /** Shows how much state is kept for streams; read at every scrape. */
    public void stateBytes(LongSupplier bytes) {
        Gauge.builder("cleave.state", bytes, LongSupplier::getAsLong)
                .description("State of stateful models that is kept for streams")
                .baseUnit("bytes")
                .strongReference(true) // The supplier is nobody else's.
                .register(registry);
    }

    /** Shows when the gateway's certificate ends; read at every scrape. */
    public void certificateExpiry(LongSupplier epochMillis) {
        Gauge.builder("cleave.certificate.expiry.timestamp", epochMillis, millis -> millis.getAsLong() / 1e3)
                .description("When the gateway's certificate ends, since 1970")
                .baseUnit("seconds")
                .strongReference(true)
                .register(registry);
    }

    /**
     * Shows how many connections a port has open; read at every scrape.
     *
     * @param port {@code grpc} or {@code http}
     */
    public void connections(String port, IntSupplier open) {
        Gauge.builder("cleave.connections.open", open, IntSupplier::getAsInt)
                .description("Connections that are open")
                .tag("port", port)
                .strongReference(true) // The supplier is nobody else's.
                .register(registry);
    }

    /** A connection to the gRPC port was closed, as there were as many as may be. */
    public void connectionRefused() {
        registry.counter("cleave.refused.connections").increment();
    }

    /** A call was turned away for what it showed, or did not show, of who it is. */
    public void callRefused(String reason) {
        registry.counter("cleave.unauthenticated.calls", "reason", reason).increment();
    }

    /**
     * A device was not given what it asked for.
     *
     * @param device as the tokens file calls it
     * @param what a model, or what is used up
     */
    public void deviceDenied(String device, String what) {
        registry.counter("cleave.device.denials", "device", deniedDevices.label(device), "what", what)
                .increment();
    }

    /** A certificate or tokens file changed and cannot be used. */
    public void reloadFailed(String what) {
        registry.counter("cleave.reload.failures", "what", what).increment();
    }

    /** Everything, in Prometheus' text format. Waits for meters that are being replaced: half of that is no page. */
    public synchronized String scrape() {
        return registry.scrape();
    }

    @Override
    public void close() {
        registry.close();
    }
}
