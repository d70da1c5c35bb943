package dev.cleave.edge.link;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class FailoverTest {
    private static final long MILLI = TimeUnit.MILLISECONDS.toNanos(1);
    private static final LinkFailure DOWN = LinkFailure.unavailable("down");
    private static final LinkFailure REFUSED = LinkFailure.refused("another bundle");

    private final Failover failover = failover(3, 1);
    private long now = 12_345;

    static Failover failover(int addresses, long seed) {
        LinkSettings settings = LinkSettings.of("00", 2, "device", "class", "1");
        List<AttemptPace> paces = new ArrayList<>();
        for (int address = 0; address < addresses; address++) {
            paces.add(new AttemptPace(settings, new Random(seed + address)));
        }
        return new Failover(paces);
    }

    private void assertTries(int address) {
        assertThat(failover.next(now)).isEqualTo(address);
    }

    private void fail(int address, LinkFailure why) {
        failover.failed(address, why, 0, now);
    }

    private void open(int address) {
        failover.opened(address, 10 * MILLI);
        assertThat(failover.inUse()).isEqualTo(address);
    }

    @Test
    void triesTheNextAtOnceWhereOneFails() {
        assertTries(0);
        fail(0, DOWN);
        assertTries(1);
        fail(1, DOWN);
        assertTries(2);
        open(2);
        assertThat(failover.next(now)).isEqualTo(Failover.NONE);
        assertThat(failover.nanosUntilNext(now)).isEqualTo(Failover.NEVER);
    }

    @Test
    void waitsForTheShortestBackOffWhereAllHaveFailed() {
        for (int address = 0; address < 3; address++) {
            assertTries(address);
            fail(address, address == 1 ? DOWN : REFUSED);
        }
        assertTries(Failover.NONE);
        long wait = failover.nanosUntilNext(now);
        assertThat(wait).isBetween(80 * MILLI, 120 * MILLI);
        now += wait - 1;
        assertTries(Failover.NONE);
        now += 1;
        assertTries(1);
        fail(1, DOWN);
        assertThat(failover.nanosUntilNext(now)).as("longer").isBetween(128 * MILLI, 192 * MILLI);
    }

    @Test
    void staysWithALessPreferredOneUntilItFails() {
        assertTries(0);
        fail(0, DOWN);
        assertTries(1);
        open(1);
        now += 3600_000 * MILLI;
        assertThat(failover.next(now)).isEqualTo(Failover.NONE);
        fail(1, DOWN);
        assertTries(0);
    }

    @Test
    void leavesAnAddressAloneForItsBackOffAlsoWhenAnotherFails() {
        assertTries(0);
        fail(0, REFUSED);
        assertTries(1);
        open(1);
        now += 1000 * MILLI;
        fail(1, DOWN);
        assertTries(2);
        fail(2, DOWN);
        assertTries(Failover.NONE);
        assertThat(failover.nanosUntilNext(now)).isLessThan(120 * MILLI);
    }

    @Test
    void triesAnotherBesideOneThatHangs() {
        assertTries(0);
        assertTries(Failover.NONE);
        assertThat(failover.nanosUntilNext(now)).isEqualTo(HandshakeLimit.LEAST_HEAD_START_NANOS);
        now += HandshakeLimit.LEAST_HEAD_START_NANOS;
        assertTries(1);
        assertTries(Failover.NONE);
        fail(1, DOWN);
        assertTries(2);
        assertThat(failover.isTrying()).isTrue();
        open(2);
        assertThat(failover.isTrying()).as("the first is abandoned").isFalse();
    }

    @Test
    void everyAddressHasItsTurnHoweverManyBeforeItHang() {
        Failover many = failover(8, 1);
        for (int address = 0; address < 8; address++) { // what a handshake takes is known of all
            assertThat(many.next(now)).isEqualTo(address);
            many.opened(address, 10 * MILLI);
            now += 100 * MILLI;
            many.failed(address, LinkFailure.refused("moved on"), 0, now);
        }
        now += 60_000 * MILLI;
        Map<Integer, Long> begun = new HashMap<>();
        Set<Integer> tried = new HashSet<>();
        for (int i = 0; i < 200; i++) {
            for (int address = many.next(now); address != Failover.NONE; address = many.next(now)) {
                begun.put(address, now);
                tried.add(address);
            }
            now += 50 * MILLI;
            for (int address : List.copyOf(begun.keySet())) {
                if (now - begun.get(address) >= HandshakeLimit.LEAST_NANOS) {
                    begun.remove(address);
                    many.failed(address, LinkFailure.silent("hangs"), 0, now);
                }
            }
        }
        assertThat(tried).hasSize(8);
    }

    @Test
    void comesBackToTheOneItWasAskedToLeaveOnlyAfterTheOthers() {
        assertTries(0);
        open(0);
        now += 2000 * MILLI;
        failover.left(now);
        assertThat(failover.isPromising()).isFalse();
        assertTries(1);
        assertThat(failover.isPromising()).as("nothing has failed").isTrue();
        fail(1, DOWN);
        assertThat(failover.isPromising()).isFalse();
        assertTries(2);
        fail(2, DOWN);
        assertTries(0);
    }

    @Test
    void aLoneGatewayThatDrainsIsTriedAgainAtOnce() {
        Failover lone = failover(1, 1);
        assertThat(lone.next(now)).isZero();
        lone.opened(0, MILLI);
        now += 2000 * MILLI;
        lone.left(now);
        assertThat(lone.next(now)).isZero();
    }

    @Test
    void oneThatDrainsWhatItHasJustOpenedOwesABackOffThatGrows() {
        Failover lone = failover(1, 1);
        long last = 0;
        for (int i = 0; i < 4; i++) {
            assertThat(lone.next(now)).isZero();
            lone.opened(0, MILLI);
            lone.left(now);
            assertThat(lone.next(now)).isEqualTo(Failover.NONE);
            assertThat(lone.nanosUntilNext(now)).isGreaterThan(last);
            last = lone.nanosUntilNext(now);
            now += last;
        }
    }

    @Test
    void startsOverOnAnotherNetwork() {
        assertTries(0);
        fail(0, REFUSED);
        assertTries(1);
        open(1);
        failover.networkChanged();
        assertThat(failover.inUse()).isEqualTo(Failover.NONE);
        assertTries(0);
        fail(0, DOWN);
        assertTries(1);
    }

    @Test
    void knowsWhetherThereIsAnother() {
        assertTries(0);
        open(0);
        assertThat(failover.hasAlternative(now)).isTrue();
        Failover lone = failover(1, 1);
        lone.next(now);
        lone.opened(0, MILLI);
        assertThat(lone.hasAlternative(now)).isFalse();
    }

    @Test
    void namesWhyEachFailedAndDoesNotCallThatARefusalUnlessAllRefuse() {
        assertThat(failover.failure()).isNull();
        assertTries(0);
        fail(0, REFUSED);
        assertThat(failover.failure()).isEqualTo(REFUSED);
        assertTries(1);
        fail(1, DOWN);
        assertThat(failover.failure()).isEqualTo(LinkFailure.unavailable("another bundle; down"));
    }
}
