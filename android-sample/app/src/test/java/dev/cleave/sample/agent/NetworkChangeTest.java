package dev.cleave.sample.agent;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class NetworkChangeTest {
    private final NetworkChange change = new NetworkChange();

    @Test
    void theFirstNetworkIsNoChange() {
        assertThat(change.available("wifi")).isFalse();
        assertThat(change.available("wifi")).isFalse();
    }

    @Test
    void anotherNetworkIsOne() {
        change.available("wifi");
        assertThat(change.available("cellular")).isTrue();
        assertThat(change.available("cellular")).isFalse();
    }

    @Test
    void theSameNetworkAfterNoneIsOne() {
        change.available("wifi");
        change.lost();
        assertThat(change.available("wifi")).isTrue();
    }

    @Test
    void aNetworkAfterAStartWithoutOneIsOne() {
        change.lost();
        assertThat(change.available("wifi")).isTrue();
    }
}
