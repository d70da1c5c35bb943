package dev.cleave.edge.link;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Gateways that go and come, drain and refuse, on networks that change; by a clock of its own. */
class FailoverSimulationTest {
    private static final long MILLI = TimeUnit.MILLISECONDS.toNanos(1);
    private static final long SECOND = 1000 * MILLI;
    private static final long LENGTH = 600 * SECOND;
    /** A hanging attempt, the rest after a refusal, and the head starts of the others. */
    private static final long BACK_WITHIN = (10 + 6 + 3) * SECOND;

    private enum Weather {
        UP,
        /** Nobody listens. */
        DOWN,
        /** Swallows everything. */
        BLACK_HOLE,
        /** Serves another bundle. */
        REFUSES
    }

    private record Event(long atNanos, Runnable what) {}

    private final PriorityQueue<Event> events = new PriorityQueue<>(Comparator.comparingLong(Event::atNanos));
    private final List<Weather> weather = new ArrayList<>();
    private final List<Long> upSince = new ArrayList<>();
    private final List<Long> restsUntil = new ArrayList<>();
    private final List<Integer> attempts = new ArrayList<>();
    private Random random;
    private Failover failover;
    private long now;
    private long noneSince;
    private int lastUsed = Failover.NONE;
    private int opened;
    private int moves;
    private int checkedGaps;

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 5})
    void findsWhatIsThereLeavesNothingThatWorksAndHammersNobody(int addresses) {
        for (long seed = 0; seed < 100; seed++) {
            run(addresses, seed);
        }
        assertThat(opened).isGreaterThan(500);
        assertThat(checkedGaps).as("times without a gateway that ended").isGreaterThan(100);
        if (addresses > 1) {
            assertThat(moves).as("from one to another").isGreaterThan(100);
        }
    }

    private void run(int addresses, long seed) {
        random = new Random(seed);
        failover = FailoverTest.failover(addresses, seed);
        now = random.nextLong() / 4;
        long end = now + LENGTH;
        noneSince = now;
        List.of(events, weather, upSince, restsUntil, attempts).forEach(Collection::clear);
        for (int address = 0; address < addresses; address++) {
            weather.add(Weather.DOWN);
            upSince.add(now);
            restsUntil.add(now);
            attempts.add(0);
            changeWeather(address);
        }
        after(random.nextInt(60) * SECOND, this::networkChanges);
        connect();
        while (!events.isEmpty() && events.peek().atNanos() - end < 0) {
            Event next = events.poll();
            now = next.atNanos();
            next.what().run();
            assertNotLongWithout();
        }
    }

    private void after(long nanos, Runnable what) {
        events.add(new Event(now + nanos, what));
    }

    private long upTo(long nanos) {
        return (long) (random.nextDouble() * nanos);
    }

    /** Some gateway was there for long enough, and is not in use, and no other is. */
    private void assertNotLongWithout() {
        for (int address = 0; address < weather.size(); address++) {
            long there = Math.min(now - upSince.get(address), now - noneSince);
            if (failover.inUse() == Failover.NONE && weather.get(address) == Weather.UP) {
                assertThat(there).as("address %d is there", address).isLessThan(BACK_WITHIN);
            }
        }
    }

    private void changeWeather(int address) {
        Weather next = Weather.values()[random.nextInt(Weather.values().length)];
        if (next == Weather.UP && weather.get(address) != Weather.UP) {
            upSince.set(address, now);
        }
        weather.set(address, next);
        if (next != Weather.UP && failover.inUse() == address) {
            long noticed = next == Weather.BLACK_HOLE ? 2500 * MILLI : upTo(50 * MILLI);
            int use = opened;
            after(noticed, () -> lose(address, use));
        } else if (next == Weather.UP && failover.inUse() == address && random.nextInt(3) == 0) {
            failover.left(now);
            noneSince = now;
            connect();
        }
        after(SECOND + upTo(40 * SECOND), () -> changeWeather(address));
    }

    /** The stream ends, if it is the one that was open then. */
    private void lose(int address, int use) {
        if (failover.inUse() == address && opened == use) {
            noneSince = now;
            failed(address, LinkFailure.unavailable("lost"));
        }
    }

    private void failed(int address, LinkFailure why) {
        long rest = why.kind() == LinkFailure.Kind.REFUSED ? 4000 * MILLI : 80 * MILLI;
        restsUntil.set(address, now + rest);
        failover.failed(address, why, 0, now);
        boolean isAnother = failover.hasAlternative(now) && !failover.isTrying();
        int tried = connect();
        assertThat(tried > 0 || !isAnother).as("the next one is tried at once").isTrue();
    }

    private void networkChanges() {
        boolean was = failover.inUse() != Failover.NONE;
        failover.networkChanged();
        noneSince = was ? now : noneSince;
        restsUntil.replaceAll(until -> now);
        int before = attempts.get(0);
        connect();
        assertThat(attempts.get(0)).as("the first is tried first").isEqualTo(before + 1);
        after(SECOND + upTo(120 * SECOND), this::networkChanges);
    }

    /** Returns how many attempts it began. */
    private int connect() {
        int began = 0;
        for (int address = failover.next(now); address != Failover.NONE; address = failover.next(now)) {
            assertThat(failover.inUse()).isEqualTo(Failover.NONE);
            assertThat(now - restsUntil.get(address)).as("rested").isNotNegative();
            attempt(address);
            began++;
        }
        long wait = failover.nanosUntilNext(now);
        if (wait != Failover.NEVER) {
            assertThat(wait).isPositive();
            after(wait, this::connect);
        }
        return began;
    }

    private void attempt(int address) {
        int number = attempts.get(address) + 1;
        attempts.set(address, number);
        switch (weather.get(address)) {
            case UP -> {
                long took = MILLI + upTo(400 * MILLI);
                after(took, () -> end(address, number, took));
            }
            case DOWN -> after(upTo(20 * MILLI), () -> end(address, number, LinkFailure.unavailable("nobody")));
            case REFUSES -> after(upTo(100 * MILLI), () -> end(address, number, LinkFailure.refused("by name")));
            case BLACK_HOLE ->
                after(1500 * MILLI + upTo(8 * SECOND), () -> end(address, number, LinkFailure.silent("hangs")));
        }
    }

    /** Nobody cares for the end of an attempt that was overtaken. */
    private boolean isOver(int address, int number) {
        return !failover.isTrying(address) || attempts.get(address) != number;
    }

    private void end(int address, int number, LinkFailure why) {
        if (!isOver(address, number)) {
            failed(address, why);
        }
    }

    private void end(int address, int number, long took) {
        if (isOver(address, number)) {
            return;
        }
        if (weather.get(address) != Weather.UP) {
            failed(address, LinkFailure.unavailable("gone again"));
            return;
        }
        failover.opened(address, took);
        opened++;
        checkedGaps += now - noneSince > SECOND ? 1 : 0;
        moves += lastUsed != Failover.NONE && lastUsed != address ? 1 : 0;
        lastUsed = address;
        assertThat(failover.next(now)).isEqualTo(Failover.NONE);
        assertThat(failover.inUse()).isEqualTo(address);
    }
}
