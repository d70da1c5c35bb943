package dev.cleave.cli.daemon.network;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** What the daemon makes of the networks that it is shown. */
class NetworkPollTest {
    private static final Networks WIFI = Networks.of(List.of("wlan0 192.168.1.5"), List.of("wlan0 via 192.168.1.1"));
    private static final Networks HALF_WAY = Networks.of(List.of("wlan0 192.168.1.5"), List.of());
    private static final Networks CELLULAR = Networks.of(List.of("wwan0 10.44.0.7"), List.of("wwan0"));
    private static final Networks BOTH_BY_WIFI =
            Networks.of(List.of("wlan0 192.168.1.5", "wwan0 10.44.0.7"), List.of("wlan0 via 192.168.1.1"));
    private static final Networks BOTH_BY_CELLULAR =
            Networks.of(List.of("wlan0 192.168.1.5", "wwan0 10.44.0.7"), List.of("wwan0"));
    private static final Networks NONE = Networks.of(List.of(), List.of());

    /** How often the agent is told of so many looks; null: a look fails. */
    private static int told(Networks... seen) {
        Deque<Integer> left = new ArrayDeque<>();
        for (int i = 0; i < seen.length; i++) {
            left.add(i);
        }
        AtomicInteger told = new AtomicInteger();
        NetworkPoll.Look look = () -> {
            Networks now = seen[left.remove()];
            if (now == null) {
                throw new IOException("interfaces cannot be listed");
            }
            return now;
        };
        try (NetworkPoll poll = new NetworkPoll(look, told::incrementAndGet)) {
            Arrays.stream(seen).forEach(each -> poll.look());
        }
        return told.get();
    }

    @Test
    void sameNetworkIsNoChange() {
        assertThat(told(WIFI, WIFI, WIFI, WIFI)).isZero();
    }

    @Test
    void anotherNetworkIsToldOfOnce() {
        assertThat(told(WIFI, CELLULAR, CELLULAR, CELLULAR, CELLULAR)).isEqualTo(1);
    }

    @Test
    void anotherDefaultRouteIsAChangeAlthoughAddressesStay() {
        assertThat(told(BOTH_BY_WIFI, BOTH_BY_CELLULAR, BOTH_BY_CELLULAR)).isEqualTo(1);
    }

    @Test
    void stepsOnTheWayToAnotherNetworkAreOneChange() {
        assertThat(told(WIFI, HALF_WAY, NONE, BOTH_BY_CELLULAR, CELLULAR, CELLULAR, CELLULAR))
                .isEqualTo(1);
    }

    @Test
    void glimpseOfAnotherNetworkIsNoChange() {
        assertThat(told(WIFI, HALF_WAY, WIFI, WIFI, CELLULAR, WIFI, WIFI)).isZero();
    }

    @Test
    void lossOfAllNetworksIsNotToldOfButTheReturnIs() {
        assertThat(told(WIFI, NONE, NONE, NONE)).isZero();
        assertThat(told(WIFI, NONE, NONE, NONE, WIFI, WIFI, WIFI)).isEqualTo(1);
    }

    @Test
    void machineThatStartsWithoutNetworkIsToldOfTheFirst() {
        assertThat(told(NONE, NONE, WIFI, WIFI, WIFI)).isEqualTo(1);
    }

    @Test
    void looksThatFailChangeNothing() {
        assertThat(told(null, WIFI, null, null, WIFI, WIFI)).isZero();
        assertThat(told(WIFI, null, CELLULAR, null, CELLULAR)).isEqualTo(1);
    }

    @Test
    void agentThatThrowsIsToldOfTheNextChange() {
        Deque<Networks> seen = new ArrayDeque<>(List.of(WIFI, CELLULAR, CELLULAR, WIFI, WIFI));
        AtomicInteger told = new AtomicInteger();
        Runnable throwing = () -> {
            told.incrementAndGet();
            throw new IllegalStateException("agent is closed");
        };
        try (NetworkPoll poll = new NetworkPoll(seen::remove, throwing)) {
            for (int i = 0; i < 5; i++) {
                poll.look();
            }
        }
        assertThat(told).hasValue(2);
    }
}
