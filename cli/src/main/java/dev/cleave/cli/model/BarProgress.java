package dev.cleave.cli.model;

import dev.cleave.cli.output.Progress;
import dev.cleave.cli.output.Terminal;

/** Shows the partitioner's progress as bars, one for each part of the job. One thread. */
public final class BarProgress implements dev.cleave.partition.progress.Progress, AutoCloseable {
    private final Terminal terminal;
    private Progress bar;

    public BarProgress(Terminal terminal) {
        this.terminal = terminal;
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
