package dev.cleave.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class RunLimitTest {
    private static final long HOUR_NANOS = 3_600_000_000_000L;

    @Test
    void tellsTheEngineAgainUntilItIsClosed() throws Exception {
        CountDownLatch told = new CountDownLatch(3);
        try (RunLimit limit = RunLimit.of(1, told::countDown)) {
            told.await();
            assertThat(limit.isExpired()).isTrue();
        }
    }

    @Test
    void tellsNothingWhereThereIsTimeOrNoLimit() {
        AtomicBoolean told = new AtomicBoolean();
        for (long nanos : new long[] {0, HOUR_NANOS}) {
            RunLimit limit = RunLimit.of(nanos, () -> told.set(true));
            limit.close();
            limit.close();
            assertThat(limit.isExpired()).isFalse();
        }
        assertThat(told).isFalse();
    }

    /** What the engine is told through may be freed after {@code close}. */
    @Test
    void closesOnlyBetweenTwoTellings() throws Exception {
        for (int run = 0; run < 200; run++) {
            CountDownLatch told = new CountDownLatch(1);
            AtomicBoolean freed = new AtomicBoolean();
            AtomicReference<String> fault = new AtomicReference<>();
            RunLimit limit = RunLimit.of(1, () -> {
                told.countDown();
                Thread.yield();
                if (freed.get()) {
                    fault.set("told after it was closed");
                }
            });
            told.await();
            limit.close();
            freed.set(true);
            assertThat(fault.get()).isNull();
        }
    }
}
