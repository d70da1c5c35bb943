package dev.cleave.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.PriorityQueue;
import java.util.Random;
import org.junit.jupiter.api.Test;

class RunLimitsTest {
    private static final long MILLI = 1_000_000;

    private final RunLimits limits = new RunLimits();

    private static RunLimit until(long dueNanos) {
        return new RunLimit(() -> {}, dueNanos);
    }

    @Test
    void runsThatEndInTimeNeedOneLookForAll() {
        int planned = 0;
        for (int run = 0; run < 1_000; run++) {
            RunLimit limit = until(1_000 * MILLI + run);
            planned += limits.add(limit) ? 1 : 0;
            limits.remove(limit);
        }
        assertThat(planned).isEqualTo(1);
        assertThat(limits.isDue(1_000 * MILLI)).isTrue();
        assertThat(limits.look(1_000 * MILLI)).isEmpty();
        assertThat(limits.isPlanned()).isFalse();
    }

    @Test
    void earlierLimitIsLookedAtEarlier() {
        RunLimit late = until(100 * MILLI);
        RunLimit early = until(10 * MILLI);
        assertThat(limits.add(late)).isTrue();
        assertThat(limits.add(early)).isTrue();
        assertThat(limits.isDue(10 * MILLI)).isTrue();
        assertThat(limits.look(10 * MILLI)).containsExactly(early);
        limits.remove(early);
        assertThat(limits.lookNanos()).isEqualTo(11 * MILLI);
    }

    @Test
    void limitThatIsUpIsDueAgainUntilItIsTakenOut() {
        RunLimit limit = until(5 * MILLI);
        limits.add(limit);
        assertThat(limits.look(5 * MILLI)).containsExactly(limit);
        assertThat(limits.lookNanos()).isEqualTo(6 * MILLI);
        assertThat(limits.look(6 * MILLI)).containsExactly(limit);
        limits.remove(limit);
        assertThat(limits.look(7 * MILLI)).isEmpty();
        assertThat(limits.isPlanned()).isFalse();
    }

    @Test
    void lookThatAnEarlierPlanHasLeftBehindIsNotDue() {
        RunLimit late = until(100 * MILLI);
        RunLimit early = until(10 * MILLI);
        limits.add(late);
        limits.add(early);
        limits.remove(early);
        limits.look(10 * MILLI); // plans one for 100 ms, where another is planned already
        assertThat(limits.look(100 * MILLI)).contains(late);
        assertThat(limits.isDue(100 * MILLI)).isFalse();
    }

    /** Whatever comes and goes: every limit is told within one look of its time, and the looks that are planned stay few. */
    @Test
    void everyLimitIsToldAtItsTime() {
        Random random = new Random(7);
        PriorityQueue<Long> looks = new PriorityQueue<>();
        List<RunLimit> running = new ArrayList<>();
        long now = 0;
        for (int step = 0; step < 20_000; step++) {
            now += random.nextInt(300_000);
            while (!looks.isEmpty() && looks.peek() <= now) {
                long at = looks.poll();
                if (limits.isDue(at)) {
                    for (RunLimit up : limits.look(at)) {
                        assertThat(running).contains(up);
                        running.remove(up);
                        limits.remove(up);
                    }
                    if (limits.isPlanned()) {
                        looks.add(limits.lookNanos());
                    }
                }
            }
            long latest = now;
            assertThat(running).allMatch(limit -> limit.dueNanos > latest);
            if (random.nextBoolean() || running.isEmpty()) {
                RunLimit limit = until(now + random.nextInt(5_000_000));
                running.add(limit);
                if (limits.add(limit)) {
                    looks.add(limit.dueNanos);
                }
            } else {
                limits.remove(running.remove(random.nextInt(running.size())));
            }
            assertThat(looks.size()).isLessThan(50);
        }
    }
}
