package dev.cleave.partition.survey;

import dev.cleave.codec.CodecException;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.function.LongSupplier;
import java.util.stream.LongStream;

/** Times short work once it is warm: several passes over a few cases, and the median of their runs. */
final class WarmTimer {
    /** Runs that are timed; more where that makes whole passes. */
    private static final int RUNS = 16;

    private static final int FEWEST_WARM_RUNS = 8;
    private static final int MOST_WARM_RUNS = 400;
    /** Small work needs many runs until the JVM has compiled its loops. */
    private static final long WARM_NANOS = 30_000_000;

    private final LongSupplier nanoClock;

    WarmTimer(LongSupplier nanoClock) {
        this.nanoClock = nanoClock;
    }

    /** Work in one or more parts. */
    interface Work<T> {
        /** Runs once and gives the nanoseconds of each part. */
        long[] run(T given, LongSupplier nanoClock) throws IOException, CodecException;
    }

    /**
     * Milliseconds of each part.
     *
     * @param cases at least one
     */
    <T> double[] medianMillis(List<T> cases, Work<T> work) throws IOException, CodecException {
        warm(cases, work);
        int passes = (RUNS + cases.size() - 1) / cases.size();
        long[][] runs = new long[passes * cases.size()][];
        for (int run = 0; run < runs.length; run++) {
            runs[run] = work.run(cases.get(run % cases.size()), nanoClock);
        }
        double[] medians = new double[runs[0].length];
        for (int part = 0; part < medians.length; part++) {
            int index = part;
            medians[part] = median(Arrays.stream(runs).mapToLong(run -> run[index])) / 1e6;
        }
        return medians;
    }

    private <T> void warm(List<T> cases, Work<T> work) throws IOException, CodecException {
        long started = nanoClock.getAsLong();
        for (int run = 0; run < MOST_WARM_RUNS; run++) {
            if (run >= FEWEST_WARM_RUNS && nanoClock.getAsLong() - started >= WARM_NANOS) {
                return;
            }
            work.run(cases.get(run % cases.size()), nanoClock);
        }
    }

    private static double median(LongStream values) {
        long[] sorted = values.sorted().toArray();
        int middle = sorted.length / 2;
        return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2.0;
    }
}
