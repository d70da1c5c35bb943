package dev.cleave.benchmarks.plan;

import dev.cleave.partition.progress.Progress;
import java.io.PrintStream;

/** Says on a terminal what a long measurement is at, a line per part. */
public final class Notes implements Progress {
    private final PrintStream out;
    private final long startedNanos;

    public Notes(PrintStream out, long startedNanos) {
        this.out = out;
        this.startedNanos = startedNanos;
    }

    public void say(String what) {
        out.printf("%5d s  %s%n", (System.nanoTime() - startedNanos) / 1_000_000_000L, what);
    }

    @Override
    public void begin(String what, long steps) {}

    @Override
    public void step() {}
}
