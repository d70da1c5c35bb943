package dev.cleave.gateway.batch;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleave.gateway.batch.ServingSimulation.Result;
import dev.cleave.tensor.Shape;
import java.util.List;
import java.util.Random;
import java.util.function.IntToLongFunction;
import java.util.function.ToLongFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class LearnedDelayTest {
    private static final long US = 1_000;
    private static final long MS = 1_000_000;
    /** A run that costs much by itself and little for each row, as on a GPU. */
    private static final IntToLongFunction STEEP_START = rows -> 12 * MS + rows * 200 * US;

    private static final IntToLongFunction BY_THE_ROW = rows -> rows * 5 * MS;

    private static ToLongFunction<Random> think(long leastNanos, long spreadNanos) {
        return random -> leastNanos + (long) (random.nextDouble() * spreadNanos);
    }

    private static Result closed(
            int clients, int maxRows, BatchOutlook outlook, IntToLongFunction run, ToLongFunction<Random> think) {
        ServingSimulation simulation = new ServingSimulation(maxRows, outlook, run, 7);
        for (int i = 0; i < clients; i++) {
            simulation.closedClient(think);
        }
        return simulation.run();
    }

    private static Result open(double perSecond, BatchOutlook outlook, IntToLongFunction run, long seed) {
        return new ServingSimulation(32, outlook, run, seed)
                .openStream(perSecond)
                .run();
    }

    @ParameterizedTest
    @CsvSource({"100, 0", "100, 400", "200, 1500", "1000, 3000", "20, 20"})
    void waitsForClientsWhoAreAboutToComeBack(long leastMicros, long spreadMicros) {
        ToLongFunction<Random> think = think(leastMicros * US, spreadMicros * US);
        Result unbatched = closed(8, 1, new FixedDelay(0), STEEP_START, think);
        Result atOnce = closed(8, 32, new FixedDelay(0), STEEP_START, think);
        Result learned = closed(8, 32, new LearnedDelay(32), STEEP_START, think);
        System.out.printf(
                "think %d to %d us%n  unbatched %s%n  at once %s%n  learned %s%n",
                leastMicros, leastMicros + spreadMicros, unbatched, atOnce, learned);
        assertThat(learned.perSecond()).isGreaterThan(3.9 * unbatched.perSecond());
        assertThat(learned.perSecond()).isGreaterThan(1.2 * atOnce.perSecond());
        assertThat(learned.p95Millis()).isLessThan(unbatched.p95Millis());
    }

    @Test
    void learnsRunsAnewWhenSomethingElseRunsThem() {
        BatchKey key = new BatchKey(1, List.of(Shape.of(Shape.BATCH, 4)), true);
        LearnedDelay outlook = new LearnedDelay(32);
        for (int rows = 1; rows <= 4; rows *= 2) {
            outlook.ran(key, rows, rows * 5 * MS, 0);
        }
        assertThat(outlook.mostRows(key, 32)).as("more rows gain nothing").isEqualTo(1);
        outlook.forgetRuns();
        assertThat(outlook.mostRows(key, 32)).isEqualTo(32);
        assertThat(outlook.runNanos(key, 1)).isZero();
        outlook.ran(key, 1, 12 * MS, 0);
        assertThat(outlook.runNanos(key, 1)).isEqualTo(12 * MS);
    }

    @Test
    void aLoneClientNeverWaits() {
        Result alone = closed(1, 32, new LearnedDelay(32), STEEP_START, think(300 * US, 200 * US));
        assertThat(alone.meanMillis()).isEqualTo(12.2);
        assertThat(alone.p95Millis()).isEqualTo(12.2);
    }

    @ParameterizedTest
    @ValueSource(doubles = {5, 20, 50, 75, 150, 300})
    void requestsThatComeAtRandomAreNoLaterThanWithoutWaiting(double perSecond) {
        for (long seed = 1; seed <= 3; seed++) {
            Result atOnce = open(perSecond, new FixedDelay(0), STEEP_START, seed);
            Result learned = open(perSecond, new LearnedDelay(32), STEEP_START, seed);
            System.out.printf("%.0f a second%n  at once %s%n  learned %s%n", perSecond, atOnce, learned);
            assertThat(learned.meanMillis()).isLessThan(1.1 * atOnce.meanMillis());
        }
    }

    @Test
    void neverWaitsWhereRunsTakeAsLongAsTheyHaveRows() {
        ToLongFunction<Random> think = think(200 * US, 1500 * US);
        Result atOnce = closed(8, 32, new FixedDelay(0), BY_THE_ROW, think);
        Result learned = closed(8, 32, new LearnedDelay(32), BY_THE_ROW, think);
        assertThat(learned.perSecond()).isGreaterThan(0.98 * atOnce.perSecond());
    }

    @Test
    void startsAtOnceWhenEverybodyItWaitsForHasCome() {
        LearnedDelay outlook = new LearnedDelay(32);
        BatchKey key = TestTask.key(1);
        long now = 0;
        for (int i = 0; i < 20; i++) {
            outlook.ready(key, now);
            outlook.arrived(key, 3, now + 300 * US);
            outlook.ran(key, 4, 12 * MS, now + 13 * MS);
            outlook.ran(key, 1, 12 * MS, now + 13 * MS);
            now += 20 * MS;
        }
        outlook.ready(key, now);
        long closeAt = outlook.closeAtNanos(key, 1, now, now, now);
        assertThat(closeAt).isBetween(now + 300 * US, now + 500 * US);
        outlook.arrived(key, 3, now + 250 * US);
        assertThat(outlook.closeAtNanos(key, 4, now, now, now + 250 * US)).isEqualTo(BatchOutlook.AT_ONCE);
        assertThat(outlook.closeAtNanos(TestTask.key(2), 1, now, now, now))
                .as("nothing is known of this one")
                .isEqualTo(BatchOutlook.AT_ONCE);
    }

    @Test
    void interpolatesRunTimes() {
        RunTimes times = new RunTimes();
        assertThat(times.nanos(1)).isZero();
        times.add(4, 40);
        assertThat(times.nanos(1)).isEqualTo(40);
        assertThat(times.nanos(8)).as("one point is a line through zero").isEqualTo(80);
        times.add(8, 48);
        assertThat(times.nanos(6)).isEqualTo(44);
        assertThat(times.nanos(16)).isEqualTo(64);
        times.add(8, 58);
        assertThat(times.nanos(8)).isEqualTo(50);
    }

    @Test
    void aRunOfFewRowsTakesNoLongerThanOneOfMore() {
        RunTimes times = new RunTimes();
        times.add(1, 40 * MS);
        times.add(6, 2 * MS);
        assertThat(times.nanos(1)).isEqualTo(2 * MS);
        assertThat(times.nanos(3)).isEqualTo(2 * MS);
        times.add(1, MS);
        assertThat(times.nanos(1)).isEqualTo(2 * MS);
    }

    /** A process that has just begun takes long for its first runs, of one row each; with what it learns of them it would wait for ever. */
    @Test
    void whatWasLearnedOfColdRunsDoesNotStay() {
        int[] runs = {0};
        IntToLongFunction warmsUp = rows -> runs[0]++ < 20 ? 30 * MS : 300 * US + rows * 20 * US;
        Result atOnce = open(500, new FixedDelay(0), warmsUp, 7);
        runs[0] = 0;
        Result learned = open(500, new LearnedDelay(32), warmsUp, 7);
        System.out.printf("cold at first%n  at once %s%n  learned %s%n", atOnce, learned);
        assertThat(learned.meanMillis()).isLessThan(1.1 * atOnce.meanMillis());
    }
}
