package dev.cleave.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Random;
import org.junit.jupiter.api.Test;

class InflightWindowTest {
    private final InflightWindow window = new InflightWindow();

    @Test
    void nothingMayBeSentBeforeTheFirstCredit() {
        assertThat(window.tryAcquire(0)).isFalse();
        window.credit(1, 0);
        assertThat(window.tryAcquire(0)).isTrue();
    }

    @Test
    void endsAtTheFramesOrTheBytesWhicheverComeFirst() {
        window.credit(2, 100);
        assertThat(window.tryAcquire(10)).isTrue();
        assertThat(window.tryAcquire(91)).isFalse();
        assertThat(window.tryAcquire(90)).isTrue();
        window.credit(0, 100);
        assertThat(window.tryAcquire(1)).isFalse();
        window.credit(1, 0);
        assertThat(window.tryAcquire(1)).isTrue();
    }

    @Test
    void aFrameLargerThanTheWindowGoesWhenNothingElseIsInFlight() {
        window.credit(4, 100);
        assertThat(window.tryAcquire(10)).isTrue();
        assertThat(window.tryAcquire(1_000)).isFalse();
        window.credit(0, 10);
        assertThat(window.tryAcquire(1_000)).isFalse();
        window.credit(1, 0);
        assertThat(window.tryAcquire(1_000)).isTrue();
        assertThat(window.bytes()).isEqualTo(-900);
        assertThat(window.tryAcquire(1)).isFalse();
        window.credit(0, 1_000);
        assertThat(window.tryAcquire(1)).isTrue();
        assertThat(window.inFlight()).isEqualTo(2);
    }

    @Test
    void creditForAFrameThatWasNeverSentGivesTheWindowBack() {
        window.credit(1, 100);
        assertThat(window.tryAcquire(500)).isTrue();
        window.credit(1, 500);
        assertThat(window.frames()).isEqualTo(1);
        assertThat(window.bytes()).isEqualTo(100);
        assertThat(window.inFlight()).isZero();
    }

    @Test
    void neverExceedsWhatWasGivenExceptByOneFrameAlone() {
        for (int seed = 0; seed < 100; seed++) {
            Random random = new Random(seed);
            InflightWindow fresh = new InflightWindow();
            fresh.credit(4, 1_000);
            Deque<Integer> sent = new ArrayDeque<>();
            int bytes = 0;
            for (int step = 0; step < 1_000; step++) {
                int size = random.nextInt(1_500);
                if (fresh.tryAcquire(size)) {
                    sent.add(size);
                    bytes += size;
                } else {
                    assertThat(sent).isNotEmpty();
                    bytes -= sent.peek();
                    fresh.credit(1, sent.remove());
                }
                assertThat(sent.size()).isLessThanOrEqualTo(4).isEqualTo(fresh.inFlight());
                assertThat(bytes <= 1_000 || sent.size() == 1).isTrue();
                assertThat(fresh.bytes()).isEqualTo(1_000 - bytes);
            }
        }
    }

    @Test
    void absurdCreditDoesNotOverflow() {
        for (int i = 0; i < 3; i++) {
            window.credit(Integer.MAX_VALUE, Long.MAX_VALUE);
        }
        assertThat(window.tryAcquire(Long.MAX_VALUE)).isTrue();
        for (int i = 0; i < 3; i++) {
            window.credit(Integer.MIN_VALUE, Long.MIN_VALUE);
        }
        assertThat(window.tryAcquire(0)).isFalse();
        assertThat(window.bytes()).isNegative();
        assertThatThrownBy(() -> window.tryAcquire(-1)).isInstanceOf(IllegalArgumentException.class);
    }
}
