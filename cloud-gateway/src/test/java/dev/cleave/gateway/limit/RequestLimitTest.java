package dev.cleave.gateway.limit;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.IntToLongFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a limit does to a house that more come to than it can serve, in virtual time; and that nobody's place is lost. */
class RequestLimitTest {
    private static final Duration TARGET = Duration.ofSeconds(1);
    /** 50 ms and 1 ms a row: 138 rows a second in batches of 8. */
    private static final IntToLongFunction RUNS = rows -> 50_000_000L + 1_000_000L * rows;

    private static final double CAPACITY = 8 / 0.058;

    private static HouseSimulation house(long seed) {
        return new HouseSimulation(
                        (facts, clock) -> RequestLimit.learned(1, HouseSimulation.MOST, TARGET, facts, clock), seed)
                .runs(RUNS);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void keepsResidenceBoundedAndCapacityInUseUnderTwiceTheLoad(long seed) {
        HouseSimulation house = house(seed).arrivals(2 * CAPACITY, 0);
        house.run(20);
        HouseSimulation.Counts settled = house.run(60);
        assertThat(settled.answersPerSecond()).isGreaterThan(0.97 * CAPACITY);
        assertThat(settled.residenceMillis(0.99)).isLessThan(1_300);
        assertThat(settled.full).as("met the queue's bound").isZero();
        assertThat(house.limit()).isBetween(80, 200);
    }

    @Test
    void withoutItTheLineGrowsToItsBound() {
        HouseSimulation house = new HouseSimulation((facts, clock) -> RequestLimit.none(), 1)
                .runs(RUNS)
                .arrivals(2 * CAPACITY, 0);
        house.run(20);
        assertThat(house.run(60).residenceMillis(0.99)).isGreaterThan(7_000);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void followsCapacityDownAndUpAgain(long seed) {
        HouseSimulation house = house(seed).arrivals(1.5 * CAPACITY, 0);
        house.run(30);
        house.runs(rows -> 4 * RUNS.applyAsLong(rows));
        house.run(20);
        int slow = house.limit();
        HouseSimulation.Counts whileSlow = house.run(40);
        assertThat(whileSlow.answersPerSecond()).isGreaterThan(0.97 * CAPACITY / 4);
        assertThat(whileSlow.residenceMillis(0.99))
                .as("8 runs of 232 ms are in time")
                .isLessThan(2_500);
        house.runs(RUNS);
        house.run(20);
        HouseSimulation.Counts after = house.run(20);
        assertThat(after.answersPerSecond()).isGreaterThan(0.97 * CAPACITY);
        assertThat(after.residenceMillis(0.99)).isLessThan(1_300);
        assertThat(house.limit()).isGreaterThan(slow);
    }

    @Test
    void refusesNobodyWhileTheHouseKeepsUp() {
        HouseSimulation house = house(5).arrivals(0.8 * CAPACITY, 0);
        HouseSimulation.Counts counts = house.run(60);
        assertThat(counts.refused).isZero();
        assertThat(house.limit()).isEqualTo(HouseSimulation.MOST);
    }

    /** A target that no answer can meet. */
    @Test
    void leavesEnoughToFillTheBatches() {
        HouseSimulation house = new HouseSimulation(
                        (facts, clock) ->
                                RequestLimit.learned(1, HouseSimulation.MOST, Duration.ofNanos(1), facts, clock),
                        6)
                .runs(RUNS)
                .deadlines(200_000_000)
                .arrivals(3 * CAPACITY, 0);
        house.run(20);
        HouseSimulation.Counts counts = house.run(40);
        assertThat(house.limit()).isGreaterThanOrEqualTo(2 * HouseSimulation.MAX_ROWS);
        assertThat(counts.answersPerSecond()).isGreaterThan(0.97 * CAPACITY);
    }

    /** Runs that gain nothing by more rows: a limit of two full batches would be a long line for nothing. */
    @Test
    void countsOnlyTheRowsThatPay() {
        HouseSimulation house = house(7).runs(rows -> 500_000_000L * rows).arrivals(8, 0);
        house.run(120);
        HouseSimulation.Counts counts = house.run(120);
        assertThat(counts.answersPerSecond()).isGreaterThan(0.97 * 2);
        assertThat(counts.residenceMillis(0.99))
                .as("8 runs of 500 ms are in time")
                .isLessThan(6_500);
    }

    @Test
    void aLoneClientIsNeverRefusedHoweverSlowItsRuns() {
        AtomicLong now = new AtomicLong();
        BatchFacts unknown = facts(1, 0);
        RequestLimit limit = RequestLimit.learned(1, 1032, Duration.ofMillis(1), unknown, now::get);
        for (int i = 0; i < 200; i++) {
            Permit permit = limit.acquire(0);
            assertThat(permit).as("request " + i).isNotNull();
            now.addAndGet(5_000_000_000L);
            if (i % 2 == 0) {
                permit.answered();
            } else {
                permit.dropped();
            }
        }
        assertThat(limit.limit()).as("nobody waited behind anybody").isEqualTo(1032);
        assertThat(limit.inFlight()).isZero();
    }

    private static BatchFacts facts(int rows, long nanos) {
        return new BatchFacts() {
            @Override
            public int rowsThatPay() {
                return rows;
            }

            @Override
            public long runNanos() {
                return nanos;
            }
        };
    }

    /** So many come at once, and those that are let in leave so much later, the last one first. */
    private static void crowd(RequestLimit limit, AtomicLong now, int size, long residenceNanos) {
        List<Permit> crowd = new ArrayList<>();
        for (int i = 0; i < size; i++) {
            Permit permit = limit.acquire(0);
            if (permit != null) {
                crowd.add(permit);
            }
        }
        now.addAndGet(residenceNanos);
        for (int i = crowd.size() - 1; i >= 0; i--) {
            crowd.get(i).answered();
        }
    }

    @Test
    void aStallLowersNothing() {
        AtomicLong now = new AtomicLong();
        RequestLimit limit = RequestLimit.learned(1, 1000, TARGET, facts(1, 0), now::get);
        for (int i = 0; i < 20; i++) {
            crowd(limit, now, 100, 30_000_000_000L);
            crowd(limit, now, 100, 1_000_000_000L);
        }
        assertThat(limit.limit()).isEqualTo(1000);
    }

    @Test
    void aLineThatStaysTooLongLowersItOnceForEachCrowd() {
        AtomicLong now = new AtomicLong();
        RequestLimit limit = RequestLimit.learned(1, 1000, TARGET, facts(1, 0), now::get);
        crowd(limit, now, 200, 2_000_000_000L);
        assertThat(limit.limit()).isEqualTo(1000);
        crowd(limit, now, 200, 2_000_000_000L);
        assertThat(limit.limit())
                .as("half of the 200 that stayed for twice as long as they should")
                .isEqualTo(100);
        crowd(limit, now, 50, 1_250_000_000L);
        assertThat(limit.limit()).as("four fifths of the 50").isEqualTo(40);
        crowd(limit, now, 40, 1_000_000_001L);
        assertThat(limit.limit()).isEqualTo(36);
        for (int i = 0; i < 30; i++) {
            crowd(limit, now, 3, 30_000_000_000L);
        }
        assertThat(limit.limit()).as("never below two batches").isEqualTo(2);
    }

    @Test
    void deadlinesThatAreShorterThanTheTargetSayNothingOfTheLine() {
        AtomicLong now = new AtomicLong();
        RequestLimit limit = RequestLimit.learned(1, 1000, TARGET, facts(1, 0), now::get);
        for (int i = 0; i < 200; i++) {
            Permit patient = limit.acquire(0);
            limit.acquire(0);
            Permit hasty = limit.acquire(0);
            now.addAndGet(20_000_000);
            hasty.dropped();
            patient.answered();
        }
        assertThat(limit.limit()).isEqualTo(1000);
    }

    @Test
    void growsByOneForTenInTimeWhileHalfOfItIsInUse() {
        AtomicLong now = new AtomicLong();
        RequestLimit limit = RequestLimit.learned(1, 1000, TARGET, facts(1, 0), now::get);
        crowd(limit, now, 20, 1_500_000_000L);
        crowd(limit, now, 20, 1_500_000_000L);
        assertThat(limit.limit()).isEqualTo(13);
        for (int i = 0; i < 100; i++) {
            limit.acquire(0).answered();
        }
        assertThat(limit.limit()).as("one at a time says nothing of more").isEqualTo(13);
        for (int round = 0; round < 10; round++) {
            crowd(limit, now, 10, 1_000);
        }
        assertThat(limit.limit())
                .as("of each ten, those that saw half of it in use count")
                .isBetween(16, 18);
    }

    @Test
    void urgentRequestsGetInWhenOthersHaveFilledIt() {
        RequestLimit limit = RequestLimit.fixed(100, () -> 0);
        for (int i = 0; i < 100; i++) {
            assertThat(limit.acquire(0)).isNotNull();
        }
        assertThat(limit.acquire(0)).isNull();
        assertThat(limit.acquire(-5)).isNull();
        for (int i = 0; i < 20; i++) {
            assertThat(limit.acquire(1 + i)).as("urgent " + i).isNotNull();
        }
        assertThat(limit.acquire(1_000)).isNull();
        assertThat(limit.inFlight()).isEqualTo(120);
    }

    @Test
    void othersGetInWhenUrgentOnesHaveFilledIt() {
        RequestLimit limit = RequestLimit.fixed(100, () -> 0);
        for (int i = 0; i < 100; i++) {
            assertThat(limit.acquire(7)).isNotNull();
        }
        assertThat(limit.acquire(7)).isNull();
        for (int i = 0; i < 20; i++) {
            assertThat(limit.acquire(0)).as("normal " + i).isNotNull();
        }
        assertThat(limit.acquire(0)).isNull();
    }

    @Test
    void aFloodDoesNotKeepUrgentOnesOut() {
        HouseSimulation house = house(8).arrivals(4 * CAPACITY, 0.05);
        house.run(30);
        HouseSimulation.Counts counts = house.run(60);
        assertThat(counts.refused).isGreaterThan(10_000);
        assertThat(counts.urgentRefused).isZero();
    }

    @Test
    void withoutALimitEverybodyIsLetIn() {
        RequestLimit none = RequestLimit.none();
        for (int i = 0; i < 10_000; i++) {
            assertThat(none.acquire(0)).isNotNull();
        }
        none.acquire(0).answered();
        assertThat(none.limit()).isZero();
        assertThat(none.inFlight()).isZero();
    }

    @Test
    void aPlaceIsGivenBackOnce() {
        RequestLimit limit = RequestLimit.fixed(2, () -> 0);
        Permit permit = limit.acquire(0);
        permit.answered();
        permit.dropped();
        permit.withdrawn();
        assertThat(limit.inFlight()).isZero();
        assertThat(limit.acquire(0)).isNotNull();
        assertThat(limit.acquire(0)).isNotNull();
        assertThat(limit.acquire(0)).isNull();
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4})
    void everyPlaceComesBackWhoeverGivesItBackAndHowever(long seed) throws Exception {
        int threads = 8;
        int offersOfEach = 1_000 / threads;
        AtomicLong clock = new AtomicLong();
        RequestLimit limit =
                RequestLimit.learned(1, 300, Duration.ofMillis(1), facts(8, 100_000), clock::incrementAndGet);
        AtomicInteger most = new AtomicInteger();
        CountDownLatch start = new CountDownLatch(1);
        ExecutorService executor = Executors.newFixedThreadPool(threads);
        List<Future<List<Permit>>> ends = new ArrayList<>();
        for (int thread = 0; thread < threads; thread++) {
            Random random = new Random(seed * 100 + thread);
            ends.add(executor.submit(() -> {
                start.await();
                List<Permit> kept = new ArrayList<>();
                for (int i = 0; i < offersOfEach; i++) {
                    Permit permit = limit.acquire(random.nextInt(3) - 1);
                    if (permit != null) {
                        most.accumulateAndGet(limit.inFlight(), Math::max);
                        kept.add(permit);
                    }
                    clock.addAndGet(random.nextInt(2_000_000));
                    if (random.nextInt(3) > 0 && !kept.isEmpty()) {
                        end(kept.remove(random.nextInt(kept.size())), random);
                    }
                }
                return kept;
            }));
        }
        start.countDown();
        Random random = new Random(seed);
        for (Future<List<Permit>> end : ends) {
            end.get(60, TimeUnit.SECONDS).forEach(permit -> {
                end(permit, random);
                end(permit, random);
            });
        }
        executor.shutdown();
        assertThat(limit.inFlight()).isZero();
        assertThat(most.get()).isBetween(1, 300 + 60 + threads);
        int left = 0;
        while (limit.acquire(0) != null) {
            left++;
        }
        assertThat(left).isEqualTo(limit.limit());
    }

    private static void end(Permit permit, Random random) {
        switch (random.nextInt(3)) {
            case 0 -> permit.answered();
            case 1 -> permit.dropped();
            default -> permit.withdrawn();
        }
    }
}
