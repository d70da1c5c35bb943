package dev.cleave.gateway.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.simple.SimpleConfig;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class SteadyClockTest {
    private final AtomicLong nanos = new AtomicLong(-5_000_000_000L);
    private final SteadyClock clock = new SteadyClock(nanos::get);

    @Test
    void maximaAreForgottenByElapsedTimeAlone() {
        SimpleMeterRegistry registry = new SimpleMeterRegistry(SimpleConfig.DEFAULT, clock);
        Timer timer = registry.timer("run");
        timer.record(Duration.ofSeconds(7));
        assertThat(timer.max(TimeUnit.SECONDS)).isEqualTo(7);
        nanos.addAndGet(TimeUnit.MINUTES.toNanos(10));
        assertThat(timer.max(TimeUnit.SECONDS)).isZero();
    }

    @Test
    void bothOfItsTimesAreOfOneClock() {
        long wall = clock.wallTime();
        long monotonic = clock.monotonicTime();
        nanos.addAndGet(TimeUnit.SECONDS.toNanos(3));
        assertThat(clock.wallTime() - wall).isEqualTo(3_000);
        assertThat(clock.monotonicTime() - monotonic).isEqualTo(3_000_000_000L);
    }
}
