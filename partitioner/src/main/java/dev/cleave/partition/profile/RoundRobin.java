package dev.cleave.partition.profile;

import dev.cleave.engine.EngineException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongSupplier;

/**
 * Runs several things in turn, round after round, so that whatever slows the machine down for a while slows all of them
 * alike. One thread.
 */
final class RoundRobin {
    private static final double NANOS_PER_MILLI = 1e6;

    private final TimingLimits limits;
    private final LongSupplier nanoTime;
    private final Runnable afterRound;

    RoundRobin(TimingLimits limits, LongSupplier nanoTime, Runnable afterRound) {
        this.limits = limits;
        this.nanoTime = nanoTime;
        this.afterRound = afterRound;
    }

    /** Timings of each, in the order given, after each was warmed up. */
    List<Timings> time(List<RepeatedRun> parts) throws EngineException {
        for (RepeatedRun part : parts) {
            warmUp(part);
        }
        List<long[]> rounds = new ArrayList<>();
        long start = nanoTime.getAsLong();
        while (rounds.size() < limits.minRuns()
                || rounds.size() < limits.maxRuns()
                        && nanoTime.getAsLong() - start < limits.time().toNanos()) {
            rounds.add(round(parts));
            afterRound.run();
        }
        List<Timings> timings = new ArrayList<>();
        for (int part = 0; part < parts.size(); part++) {
            int column = part;
            timings.add(Timings.of(rounds.stream()
                    .mapToDouble(round -> round[column] / NANOS_PER_MILLI)
                    .toArray()));
        }
        return timings;
    }

    private void warmUp(RepeatedRun part) throws EngineException {
        WarmUp warmUp = new WarmUp();
        boolean over = false;
        while (!over) {
            over = warmUp.offer(part.nanos(nanoTime));
        }
    }

    private long[] round(List<RepeatedRun> parts) throws EngineException {
        long[] nanos = new long[parts.size()];
        for (int part = 0; part < parts.size(); part++) {
            nanos[part] = parts.get(part).nanos(nanoTime);
        }
        return nanos;
    }
}
