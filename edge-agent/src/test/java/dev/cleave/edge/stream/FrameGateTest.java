package dev.cleave.edge.stream;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleave.edge.policy.Overflow;
import org.junit.jupiter.api.Test;

class FrameGateTest {
    private final FrameGate<String> latest = new FrameGate<>(Overflow.LATEST, 1);

    @Test
    void oneHeadRunsAtATime() {
        FrameGate<String> gate = new FrameGate<>(Overflow.WAIT, 8);
        gate.offer("a", 0);
        gate.offer("b", 0);
        assertThat(gate.start(0)).isEqualTo("a");
        assertThat(gate.start(1)).isNull();
        gate.ready("a", 10);
        assertThat(gate.start(11)).as("a is not sent yet").isNull();
        gate.sent("a", 20);
        assertThat(gate.start(20)).isEqualTo("b");
        gate.ended("b");
        assertThat(gate.open()).containsExactly("a");
    }

    @Test
    void whereAllAreWantedFramesBeyondTheDepthAreRefused() {
        FrameGate<String> gate = new FrameGate<>(Overflow.WAIT, 2);
        gate.offer("a", 0);
        gate.start(0);
        assertThat(gate.offer("b", 1).accepted()).isTrue();
        assertThat(gate.offer("c", 2).accepted()).isTrue();
        assertThat(gate.offer("d", 3).accepted()).isFalse();
        assertThat(gate.open()).containsExactly("a", "b", "c");
    }

    @Test
    void whereNoneMayWaitOneIsRefusedThatCannotStart() {
        FrameGate<String> gate = new FrameGate<>(Overflow.REJECT, 1);
        assertThat(gate.offer("a", 0).accepted()).isTrue();
        gate.start(0);
        assertThat(gate.offer("b", 1).accepted()).isFalse();
        gate.sent("a", 2);
        assertThat(gate.offer("c", 3).accepted()).isTrue();
    }

    @Test
    void theFrameThatWaitsGivesWayToTheNewest() {
        latest.offer("a", 0);
        latest.start(0);
        assertThat(latest.offer("b", 1).superseded()).isEmpty();
        assertThat(latest.offer("c", 2).superseded()).containsExactly("b");
        assertThat(latest.offer("d", 3).superseded()).containsExactly("c");
        assertThat(latest.open()).containsExactly("a", "d");
    }

    @Test
    void aFrameThatIsOnItsWayDoesNotGiveWay() {
        latest.offer("a", 0);
        latest.start(0);
        latest.ready("a", 10);
        latest.sent("a", 11);
        assertThat(latest.offer("b", 1000).superseded()).isEmpty();
        assertThat(latest.start(1000)).as("one on its way is enough").isNull();
        latest.answered("a", 1000, 2000);
        assertThat(latest.start(2000)).isEqualTo("b");
    }

    @Test
    void aFrameThatIsReadyGivesWayWhenItHasWaitedForAsLongAsItsHeadTook() {
        latest.offer("a", 0);
        latest.start(0);
        latest.ready("a", 100);
        assertThat(latest.offer("b", 199).superseded()).isEmpty();
        assertThat(latest.offer("c", 200).superseded()).containsExactly("a", "b");
        assertThat(latest.start(200)).isEqualTo("c");
        latest.sent("a", 201);
        assertThat(latest.open()).containsExactly("c");
    }

    @Test
    void aFrameThatTheDeviceFinishesDoesNotGiveWay() {
        latest.offer("a", 0);
        latest.start(0);
        latest.ready("a", 100);
        latest.takenUp("a");
        assertThat(latest.offer("b", 1000).superseded()).isEmpty();
        assertThat(latest.start(1000)).isNull();
        latest.ended("a");
        assertThat(latest.start(1100)).isEqualTo("b");
    }

    @Test
    void aFrameThatHasEndedMakesRoom() {
        latest.offer("a", 0);
        latest.start(0);
        latest.offer("b", 1);
        latest.ended("b");
        latest.offer("c", 3);
        latest.ended("a");
        assertThat(latest.start(4)).isEqualTo("c");
    }
}
