package dev.cleave.wire;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleave.wire.ReferenceSender.Plan;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ReferenceSenderTest {
    private final ReferenceSender<String> sender = new ReferenceSender<>();

    private Plan<String> send(int point, int level) {
        Plan<String> plan = sender.plan(point, level);
        sender.sent(plan, "frame " + plan.number());
        return plan;
    }

    private Plan<String> send() {
        return send(1, 0);
    }

    @Test
    void beginsWithKeyFramesUntilOneIsAcknowledged() {
        assertThat(send()).isEqualTo(new Plan<>(1, ReferenceSender.NONE, null, true));
        assertThat(send()).isEqualTo(new Plan<>(2, ReferenceSender.NONE, null, true));
        sender.acknowledged(1, 1);
        assertThat(send()).isEqualTo(new Plan<>(3, 1, "frame 1", true));
        sender.acknowledged(2, 2);
        sender.acknowledged(3, 3);
        assertThat(send()).isEqualTo(new Plan<>(4, 3, "frame 3", true));
    }

    @Test
    void asksForNoMoreThanLeaveTheReferenceInItsRing() {
        send();
        sender.acknowledged(1, 1);
        List<Boolean> asked = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            Plan<String> plan = send();
            assertThat(plan.reference()).isEqualTo(1);
            asked.add(plan.hold());
        }
        assertThat(asked).containsExactly(true, true, true, false, false);
        sender.acknowledged(2, 2);
        assertThat(send()).isEqualTo(new Plan<>(7, 2, "frame 2", true));
    }

    @Test
    void aFrameThatEndedWithoutBeingHeldGivesItsPlaceBack() {
        for (int i = 0; i < ReferenceSender.MOST_ASKED; i++) {
            send();
        }
        assertThat(send().hold()).isFalse();
        sender.ended(2);
        assertThat(send().hold()).isTrue();
        sender.acknowledged(1, ReferenceSender.NONE);
        Plan<String> plan = send();
        assertThat(plan.hold()).isTrue();
        assertThat(plan.reference()).isEqualTo(ReferenceSender.NONE);
    }

    @Test
    void anOlderAcknowledgementChangesNothing() {
        send();
        send();
        sender.acknowledged(2, 2);
        sender.acknowledged(1, 1);
        sender.ended(2);
        assertThat(send().reference()).isEqualTo(2);
    }

    @Test
    void anotherPointLevelOrConnectionBeginsAnew() {
        send();
        sender.acknowledged(1, 1);
        assertThat(send(2, 0).reference()).isEqualTo(ReferenceSender.NONE);
        sender.acknowledged(2, 2);
        assertThat(send(2, 0).reference()).isEqualTo(2);
        assertThat(send(2, 1).reference()).isEqualTo(ReferenceSender.NONE);
        sender.acknowledged(4, 4);
        sender.reset();
        assertThat(send(2, 1).reference()).isEqualTo(ReferenceSender.NONE);
    }

    @Test
    void anAcknowledgementOfBeforeAResetIsNotBelieved() {
        send();
        sender.reset();
        sender.acknowledged(1, 1);
        assertThat(send().reference()).isEqualTo(ReferenceSender.NONE);
    }

    @Test
    void aLostReferenceIsFollowedByAKeyFrameUnlessANewerOneIsHeld() {
        send();
        sender.acknowledged(1, 1);
        send();
        sender.acknowledged(2, 2);
        sender.lost(1);
        assertThat(send().reference()).isEqualTo(2);
        sender.lost(2);
        assertThat(send().reference()).isEqualTo(ReferenceSender.NONE);
    }

    @Test
    void theRingHoldsTheNewestInWhateverOrderTheyCome() {
        ReferenceRing<String> ring = new ReferenceRing<>();
        for (long number : new long[] {3, 9, 5, 9, 7, 4, 6}) {
            ring.hold(number, "first " + number);
            ring.hold(number, "second " + number);
        }
        assertThat(ring.frames()).containsExactly("first 5", "first 6", "first 7", "first 9");
        assertThat(ring.hold(2, "too old")).isFalse();
        assertThat(ring.hold(-1, "unsigned, the highest")).isTrue();
        ring.dropBefore(9);
        assertThat(ring.frames()).containsExactly("first 9", "unsigned, the highest");
        ring.drop(9);
        assertThat(ring.size()).isEqualTo(1);
        assertThat(ring.find(9)).isNull();
    }
}
