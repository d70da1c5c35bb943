package dev.cleave.gateway.metrics;

import io.micrometer.core.instrument.Clock;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * The clock of meters, which never jumps. Micrometer forgets maxima by what it takes for the time of day: one that was set back would make the largest
 * value of then stand for as long. Only differences of its times mean anything.
 */
record SteadyClock(LongSupplier nanoTime) implements Clock {
    @Override
    public long wallTime() {
        return TimeUnit.NANOSECONDS.toMillis(nanoTime.getAsLong());
    }

    @Override
    public long monotonicTime() {
        return nanoTime.getAsLong();
    }
}
