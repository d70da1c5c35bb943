package dev.cleave.gateway.metrics;

import io.micrometer.core.instrument.Gauge;
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
                .register(registry);
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
