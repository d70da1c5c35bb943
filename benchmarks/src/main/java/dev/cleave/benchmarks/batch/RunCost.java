package dev.cleave.benchmarks.batch;

import dev.cleave.engine.Engine;
import java.util.Locale;
import java.util.function.ToIntFunction;
import picocli.CommandLine.Option;

/** What runs are declared to cost, as options; a mixin to which its command gives the defaults. */
public final class RunCost {
    private static final double NANOS_PER_MILLI = 1e6;

    @Option(names = "--run", paramLabel = "MS", description = "Cost of a run. Default ${DEFAULT-VALUE}.")
    private double runMillis;

    @Option(names = "--row", paramLabel = "MS", description = "Cost of each row of it. Default ${DEFAULT-VALUE}.")
    private double rowMillis;

    public RunCost(double runMillis, double rowMillis) {
        this.runMillis = runMillis;
        this.rowMillis = rowMillis;
    }

    /** An engine whose runs cost that. Does not own the other one. */
    public DeclaredCost on(Engine engine) {
        return on(engine, graph -> 1);
    }

    /** The same, so many times as a graph has parts, by its label. */
    public DeclaredCost on(Engine engine, ToIntFunction<String> parts) {
        return new DeclaredCost(
                engine, Math.round(runMillis * NANOS_PER_MILLI), Math.round(rowMillis * NANOS_PER_MILLI), parts);
    }

    /** {@code 12.0 ms and 0.20 ms more for each row}. */
    @Override
    public String toString() {
        return String.format(Locale.ROOT, "%.1f ms and %.2f ms more for each row", runMillis, rowMillis);
    }
}
