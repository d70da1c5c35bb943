package dev.cleave.cli.model;

import dev.cleave.cli.output.Progress;
import dev.cleave.cli.output.Terminal;
import dev.cleave.cli.units.ByteSize;
import dev.cleave.cli.units.TimeSpan;
import java.time.Duration;

/** Shows the partitioner's progress as bars, one for each part of the job. One thread. */
public final class BarProgress implements dev.cleave.partition.progress.Progress, AutoCloseable {
    private final Terminal terminal;
    private Progress bar;

    private final boolean saysEstimate;
    private long bytes;

    public BarProgress(Terminal terminal) {
        this(terminal, false);
    }

    /** @param saysEstimate whether to print a line with the time and size to expect, once both can be told */
    BarProgress(Terminal terminal, boolean saysEstimate) {
        this.terminal = terminal;
        this.saysEstimate = saysEstimate;
    }

    @Override
    public void expectBytes(long expected) {
        bytes = expected;
    }

    @Override
    public void expectTime(Duration rest) {
        if (saysEstimate) {
            end();
            terminal.note(
                    (rest.isZero() ? "writing" : "calibrating for about " + TimeSpan.format(rest) + ", then writing")
                            + " about " + new ByteSize(bytes));
        }
    }

    @Override
    public void begin(String what, long steps) {
        end();
        bar = terminal.progress(what, steps);
    }

    @Override
    public void step() {
        bar.step();
    }

    /** The last part is over: what is printed next begins on a clean line. */
    void end() {
        if (bar != null) {
            bar.close();
        }
    }

    @Override
    public void close() {
        end();
    }
}
