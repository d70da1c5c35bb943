package dev.cleave.cli.daemon;

import dev.cleave.edge.events.AgentListener;
import dev.cleave.edge.micrometer.AgentMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;

/** What {@code /metrics} shows: the agent's meters and the memory of this process. Thread-safe. */
final class DaemonMetrics {
    private final PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final AgentMetrics agent = new AgentMetrics(registry);

    DaemonMetrics() {
        new JvmMemoryMetrics().bindTo(registry);
    }

    AgentListener agent() {
        return agent;
    }

    /** In Prometheus' text format. */
    String scrape() {
        return registry.scrape();
    }
}
