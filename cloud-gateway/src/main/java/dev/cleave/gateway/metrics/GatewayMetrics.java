package dev.cleave.gateway.metrics;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;

/** Owns the registry behind {@code /metrics}. Thread-safe. docs/OPERATING.md lists every name. */
public final class GatewayMetrics implements AutoCloseable {
    private final PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final Map<String, ModelMetrics> models = new ConcurrentHashMap<>();
    private final DeviceClasses devices = new DeviceClasses();
    private final AtomicInteger openStreams = new AtomicInteger();

    public GatewayMetrics() {
        Gauge.builder("cleave.streams.open", openStreams, AtomicInteger::get)
                .description("Streams that agents hold open")
                .register(registry);
        new JvmMemoryMetrics().bindTo(registry);
    }

    /** The meters of one model; the same object for the same name. */
    public ModelMetrics model(String name) {
        return models.computeIfAbsent(name, key -> new ModelMetrics(registry, key, devices));
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

    /** A call was turned away for what it showed, or did not show, of who it is. */
    public void callRefused(String reason) {
        registry.counter("cleave.unauthenticated.calls", "reason", reason).increment();
    }

    /** A certificate or tokens file changed and cannot be used. */
    public void reloadFailed(String what) {
        registry.counter("cleave.reload.failures", "what", what).increment();
    }

    /** Everything, in Prometheus' text format. */
    public String scrape() {
        return registry.scrape();
    }

    @Override
    public void close() {
        registry.close();
    }
}
