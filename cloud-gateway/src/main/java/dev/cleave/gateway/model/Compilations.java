package dev.cleave.gateway.model;

import dev.cleave.engine.DeviceOptions;
import dev.cleave.gateway.compiled.CompileKey;
import dev.cleave.gateway.compiled.CompiledGraphs;
import dev.cleave.gateway.compiled.Workspace;
import dev.cleave.gateway.device.Accelerator;
import dev.cleave.gateway.device.GpuKind;
import java.io.IOException;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where providers that compile find what they compiled before: names a graph by all that its compiled form depends on. Thread-safe;
 * owns nothing.
 *
 * @param graphs what is kept; null: nothing is
 * @param kinds what a device is; null where that is not known, and so nothing can be kept for it
 * @param compiler version of the compiler's library; empty where it is not known
 */
public record Compilations(CompiledGraphs graphs, Function<Accelerator, GpuKind> kinds, String compiler) {
    /** Nothing is kept. */
    public static final Compilations NONE = new Compilations(null, device -> null, "");

    private static final Logger LOG = LoggerFactory.getLogger(Compilations.class);

    /** A graph of a bundle for one provider of one engine. */
    record Graph(String bundle, String precision, String name, String provider, String engine) {}

    /** A folder to load the graph in, the caller's to close after its session; null if nothing is kept of it. */
    Workspace begin(Graph graph, Accelerator device, DeviceOptions options) {
        GpuKind kind = graphs == null ? null : kinds.apply(device);
        if (kind == null) {
            return null;
        }
        try {
            return graphs.begin(new CompileKey(
                    graph.bundle(),
                    graph.precision(),
                    graph.name(),
                    graph.provider(),
                    graph.engine(),
                    compiler,
                    kind,
                    options.usualRows(),
                    options.maxRows(),
                    options.halves(),
                    options.memoryBytes()));
        } catch (IOException e) {
            LOG.warn("what is compiled of {} {} is not kept: {}", graph.precision(), graph.name(), e.toString());
            return null;
        }
    }
}
