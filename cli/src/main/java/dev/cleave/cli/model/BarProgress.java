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
    private boolean hasSaidTime;
    private boolean hasSaidBytes;
    private long bytes;

    public BarProgress(Terminal terminal) {
        this(terminal, false);
    }

    /** @param saysEstimate whether to print the time and the size to expect, each once, when it can be told */
    BarProgress(Terminal terminal, boolean saysEstimate) {
        this.terminal = terminal;
        this.saysEstimate = saysEstimate;
    }

    @Override
    public void expectBytes(long expected) {
        bytes = expected;
        if (hasSaidTime) {
            sayBytes();
        }
    }

    @Override
    public void expectTime(Duration rest) {
        if (rest.isZero()) {
            sayBytes();
        } else if (!hasSaidTime) {
            hasSaidTime = true;
            hasSaidBytes = bytes > 0;
            say("calibrating for about " + TimeSpan.format(rest)
                    + (hasSaidBytes ? ", then writing about " + new ByteSize(bytes) : ""));
        }
    }

    private void sayBytes() {
        if (!hasSaidBytes) {
            hasSaidBytes = true;
            say("writing about " + new ByteSize(bytes));
        }
    }

    private void say(String estimate) {
        if (saysEstimate) {
            end();
            terminal.note(estimate);
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
