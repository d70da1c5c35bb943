package dev.cleave.cli.output;

import java.io.PrintWriter;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import me.tongfei.progressbar.DelegatingProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;

/**
 * A progress bar on standard error that appears only when the work takes over a second, and leaves nothing behind.
 * Any thread may step it; whoever started it closes it.
 */
public final class Progress implements AutoCloseable {
    private static final int UPDATE_MILLIS = 200;

    /** Null when nothing is shown. */
    private final ProgressBar bar;

    private Progress(ProgressBar bar) {
        this.bar = bar;
    }

    static Progress hidden() {
        return new Progress(null);
    }

    static Progress visible(String task, long steps, PrintWriter err) {
        QuietLine line = new QuietLine(err, System::nanoTime);
        return new Progress(new ProgressBarBuilder()
                .setTaskName(task)
                .setInitialMax(steps)
                .setStyle(ProgressBarStyle.ASCII)
                .setUpdateIntervalMillis(UPDATE_MILLIS)
                .setConsumer(new DelegatingProgressBarConsumer(line, QuietLine.WIDTH) {
                    @Override
                    public void close() {
                        line.clear();
                    }
                })
                .build());
    }

    public void step() {
        stepBy(1);
    }

    public void stepBy(long steps) {
        if (bar != null) {
            bar.stepBy(steps);
        }
    }

    /** What is being done now, behind the bar. */
    public void message(String text) {
        if (bar != null) {
            bar.setExtraMessage(text);
        }
    }

    @Override
    public void close() {
        if (bar != null) {
            bar.close();
        }
    }

    /** A line that is rewritten in place; silent for its first second, blank again when cleared. */
    static final class QuietLine implements Consumer<String> {
        static final int WIDTH = 79;
        static final long QUIET_NANOS = TimeUnit.SECONDS.toNanos(1);

        private final PrintWriter err;
        private final LongSupplier nanoTime;
        private final long startNanos;
        private boolean shown;

        QuietLine(PrintWriter err, LongSupplier nanoTime) {
            this.err = err;
            this.nanoTime = nanoTime;
            this.startNanos = nanoTime.getAsLong();
        }

        @Override
        public synchronized void accept(String text) {
            if (nanoTime.getAsLong() - startNanos >= QUIET_NANOS) {
                shown = true;
                err.print("\r" + text);
                err.flush();
            }
        }

        synchronized void clear() {
            if (shown) {
                err.print("\r" + " ".repeat(WIDTH) + "\r");
                err.flush();
            }
        }
    }
}
