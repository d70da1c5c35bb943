package dev.cleave.edge.link;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleave.edge.estimate.AckWatch;
import dev.cleave.edge.estimate.LinkEstimator;
import dev.cleave.v1.ClientMessage;
import dev.cleave.v1.Credit;
import dev.cleave.v1.Error;
import dev.cleave.v1.GatewayTiming;
import dev.cleave.v1.Reply;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What the requests of a stream leave to be acknowledged. */
class StreamRequestsTest {
    private static final long MILLI = 1_000_000;
    private static final int CHUNK = 1024;

    private final LinkEstimator estimator = new LinkEstimator(0, point -> Double.NaN);
    private final StreamRequests requests = new StreamRequests(1 << 20, new StreamMeter(estimator, 0));
    private long now;

    private final RecordedReplies handler = new RecordedReplies();

    @BeforeEach
    void open() {
        requests.open(Credit.newBuilder().setFrames(10).setBytes(1 << 20).build(), CHUNK);
    }

    private void add(long id, int bytes) {
        requests.add(
                new OutgoingFrame(id, 1, 1, 0, 1000 * MILLI, VideoPlace.NONE, ByteBuffer.allocate(bytes)), handler);
    }

    private ClientMessage next() {
        MessagePump.Item item = requests.next(true, now);
        return item == null ? null : item.message();
    }

    /** What goes now: {@code 1.0} is a chunk, the others are nonces. */
    private List<String> send() {
        List<String> sent = new ArrayList<>();
        for (ClientMessage next = next(); next != null; next = next()) {
            sent.add(
                    next.hasPing()
                            ? "ping " + next.getPing().getNonce()
                            : next.getFrame().getRequestId() + "."
                                    + next.getFrame().getChunkIndex());
        }
        return sent;
    }

    @Test
    void aWholeFrameIsAcknowledgedAlthoughNobodyWaitsForItAnyMore() {
        add(1, 2 * CHUNK);
        assertThat(send()).containsExactly("1.0", "1.1");
        assertThat(requests.cancel(1, now)).isTrue();
        assertThat(send()).as("its ack is still to come").isEmpty();
        assertThat(requests.conditions(now).inFlightBytes()).isPositive();
        requests.acknowledged(1, 0, now);
        assertThat(requests.conditions(now).inFlightBytes()).isZero();
    }

    @Test
    void whatTheGatewayReadBeforeItsAckIsDecoding() {
        add(1, CHUNK);
        send();
        now += 50 * MILLI;
        requests.acknowledged(1, 7 * MILLI, now);
        GatewayTiming timing = GatewayTiming.newBuilder()
                .setResidenceMicros(3000)
                .setDecodeMicros(1000)
                .build();
        requests.replied(
                        Reply.newBuilder()
                                .setRequestId(1)
                                .setTiming(timing)
                                .setChunkCount(1)
                                .build(),
                        now)
                .run();
        GatewayTiming told = handler.replies.get(0).timing();
        assertThat(told.getDecodeMicros()).isEqualTo(8000);
        assertThat(told.getResidenceMicros()).isEqualTo(10_000);
    }

    @Test
    void aPingFollowsAFrameThatWasGivenUpHalfWay() {
        add(1, 3 * CHUNK);
        next();
        assertThat(requests.cancel(1, now)).isTrue();
        assertThat(send()).containsExactly("ping 1");
        requests.ponged(1, now);
        assertThat(requests.conditions(now).inFlightBytes()).isZero();
    }

    @Test
    void aFrameBehindItTellsAsWell() {
        add(1, 5 * CHUNK);
        add(2, 3 * CHUNK);
        next();
        next();
        requests.cancel(1, now);
        assertThat(send()).containsExactly("2.1", "2.2");
        requests.acknowledged(2, 0, now);
        assertThat(requests.conditions(now).inFlightBytes()).isZero();
    }

    @Test
    void aPingFollowsAFrameThatTheGatewayRefused() {
        add(1, CHUNK);
        send();
        Reply refused = Reply.newBuilder()
                .setRequestId(1)
                .setError(Error.newBuilder().setCode(Error.Code.OVERLOADED))
                .build();
        requests.replied(refused, now);
        assertThat(send()).containsExactly("ping 1");
        requests.ponged(1, now);
        assertThat(requests.conditions(now).inFlightBytes()).isZero();
        assertThat(requests.nanosUntilOverdue(now + 1000 * MILLI)).isEqualTo(AckWatch.NEVER);
    }

    @Test
    void whatIsOwedBecomesOverdue() {
        assertThat(requests.nanosUntilOverdue(now)).isEqualTo(AckWatch.NEVER);
        now = 100 * MILLI;
        add(1, CHUNK);
        send();
        assertThat(requests.nanosUntilOverdue(now)).isEqualTo(500 * MILLI);
        now = 300 * MILLI;
        requests.heard(now);
        assertThat(requests.nanosUntilOverdue(now)).isEqualTo(500 * MILLI);
        requests.acknowledged(1, 0, now);
        assertThat(requests.nanosUntilOverdue(now)).isEqualTo(AckWatch.NEVER);
    }
}
