package dev.cleave.edge.link;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.cleave.edge.estimate.DownlinkMeter;
import dev.cleave.edge.estimate.LinkEstimator;
import org.junit.jupiter.api.Test;

class PendingRepliesTest {
    private final PendingReplies pending = new PendingReplies();

    @Test
    void aRequestIsTakenOnce() {
        pending.add(1, new RecordedReplies(), 10);
        assertThat(pending.take(1)).isNotNull();
        assertThat(pending.take(1)).isNull();
        assertThat(pending.isEmpty()).isTrue();
    }

    @Test
    void everythingIsTakenOnceAndInOrder() {
        ReplyHandler first = new RecordedReplies();
        ReplyHandler second = new RecordedReplies();
        pending.add(2, first, 10);
        pending.add(1, second, 10);
        assertThat(pending.takeAll())
                .extracting(PendingReplies.Pending::handler)
                .containsExactly(first, second);
        assertThat(pending.takeAll()).isEmpty();
    }

    @Test
    void refusesAnIdThatIsInUse() {
        pending.add(1, new RecordedReplies(), 10);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> pending.add(1, new RecordedReplies(), 10))
                .withMessage("request 1 is on this stream already");
    }

    @Test
    void acksThatMakeNoSenseAreIgnored() {
        pending.add(1, new RecordedReplies(), 10);
        PendingReplies.Pending request = pending.get(1);
        DownlinkMeter meter = new DownlinkMeter(new LinkEstimator(0, point -> Double.NaN), 0);
        assertThat(request.acknowledge(meter.acknowledged(5), 0)).isFalse();
        assertThat(request.answer()).isNull();
        request.handedOver();
        DownlinkMeter.Answer answer = meter.acknowledged(25);
        assertThat(request.acknowledge(answer, 0)).isTrue();
        assertThat(request.acknowledge(meter.acknowledged(30), 0)).isFalse();
        assertThat(request.answer()).isSameAs(answer);
    }
}
