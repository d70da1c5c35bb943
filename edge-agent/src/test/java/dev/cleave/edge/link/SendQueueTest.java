package dev.cleave.edge.link;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleave.edge.estimate.LinkConditions;
import dev.cleave.v1.ClientMessage;
import dev.cleave.v1.Frame;
import dev.cleave.v1.Ping;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class SendQueueTest {
    private static final int CHUNK = 1024;

    private final SendQueue queue = new SendQueue();

    @BeforeEach
    void open() {
        queue.open(CHUNK);
    }

    private static OutgoingFrame frame(long id, int bytes) {
        return new OutgoingFrame(id, 1, 2, 0, 1_000_000, VideoPlace.NONE, ByteBuffer.allocate(bytes));
    }

    private static ClientMessage ping() {
        return ClientMessage.newBuilder().setPing(Ping.newBuilder()).build();
    }

    /** Request ids of the chunks that go now, in order. */
    private List<Long> send() {
        List<Long> ids = new ArrayList<>();
        for (ClientMessage next = next(); next != null; next = next()) {
            ids.add(next.getFrame().getRequestId());
        }
        return ids;
    }

    private ClientMessage next() {
        return queue.next(true, LinkConditions.UNKNOWN, 0);
    }

    @Test
    void aSmallFrameTakesTurnsWithAnOlderLargeOne() {
        queue.credit(10, 100_000);
        queue.frame(frame(1, 6 * CHUNK));
        queue.frame(frame(2, 2 * CHUNK));
        queue.frame(frame(3, 10));
        assertThat(send()).containsExactly(1L, 3L, 1L, 2L, 1L, 2L, 1L, 1L, 1L);
    }

    @Test
    void ofFramesAlikeTheFirstIsThroughFirst() {
        queue.credit(10, 100_000);
        queue.frame(frame(1, CHUNK + 10));
        queue.frame(frame(2, CHUNK + 10));
        queue.frame(frame(3, CHUNK + 10));
        assertThat(send()).containsExactly(1L, 1L, 2L, 2L, 3L, 3L);
    }

    @Test
    void smallFramesWithoutEndLeaveHalfOfTheLinkToALargeOne() {
        queue.credit(100, 100_000);
        queue.frame(frame(1, 10 * CHUNK));
        List<Long> sent = new ArrayList<>();
        for (long id = 2; id < 22; id++) {
            queue.frame(frame(id, 10));
            sent.add(next().getFrame().getRequestId());
        }
        assertThat(sent).filteredOn(id -> id == 1).hasSize(10);
    }

    @Test
    void whatHasCreditAndIsNotSentCountsAsUnsent() {
        queue.credit(1, 100_000);
        queue.frame(frame(1, 3 * CHUNK));
        queue.frame(frame(2, 10));
        assertThat(queue.unsentBytes()).isEqualTo(3 * CHUNK + 10);
        next();
        assertThat(queue.unsentBytes()).isEqualTo(2 * CHUNK + 10);
        assertThat(queue.waitingBytes()).isEqualTo(10);
    }

    private static OutgoingFrame ofVideo(long video, long id, int bytes) {
        VideoPlace place = new VideoPlace(video, id, id - 1, true);
        return new OutgoingFrame(id, 1, 2, 0, 1_000_000, place, ByteBuffer.allocate(bytes));
    }

    @Test
    void aFrameOfAVideoBeginsWhenTheOneBeforeItIsWhole() {
        queue.credit(10, 100_000);
        queue.frame(ofVideo(7, 1, 3 * CHUNK));
        queue.frame(ofVideo(7, 2, 10));
        queue.frame(ofVideo(8, 3, 2 * CHUNK));
        queue.frame(frame(4, 2 * CHUNK));
        assertThat(send()).containsExactly(1L, 1L, 1L, 2L, 3L, 3L, 4L, 4L);
    }

    @Test
    void aFrameOfAVideoDoesNotOvertakeOneThatHasNoCredit() {
        queue.credit(10, 100);
        queue.frame(frame(9, 1));
        next();
        queue.frame(ofVideo(7, 1, 200));
        queue.frame(ofVideo(7, 2, 10));
        queue.frame(ofVideo(8, 3, 10));
        assertThat(send()).containsExactly(3L);
        queue.credit(0, 200);
        assertThat(send()).containsExactly(1L, 2L);
    }

    @Test
    void theFirstChunkCarriesThePlaceInTheVideo() {
        queue.credit(1, 10_000);
        queue.frame(ofVideo(7, 5, 2 * CHUNK));
        Frame first = next().getFrame();
        assertThat(first.getStreamId()).isEqualTo(7);
        assertThat(first.getStreamSequence()).isEqualTo(5);
        assertThat(first.getReferenceId()).isEqualTo(4);
        assertThat(first.getHold()).isTrue();
        assertThat(next().getFrame().getStreamId()).isZero();
    }

    @Test
    void theFirstChunkCarriesTheHeader() {
        queue.credit(1, 10_000);
        queue.frame(frame(7, 2 * CHUNK));
        Frame first = next().getFrame();
        assertThat(first.getFrameBytes()).isEqualTo(2 * CHUNK);
        assertThat(first.getRows()).isEqualTo(2);
        assertThat(first.getSplitPoint()).isEqualTo(1);
        assertThat(first.getRemainingMicros()).isEqualTo(1000);
        Frame second = next().getFrame();
        assertThat(second.getChunkIndex()).isEqualTo(1);
        assertThat(second.getFrameBytes()).isZero();
    }

    @Test
    void controlMessagesNeedNeitherCreditNorRoom() {
        queue.frame(frame(1, 10));
        queue.control(ping());
        assertThat(queue.next(false, LinkConditions.UNKNOWN, 0).hasPing()).isTrue();
        assertThat(queue.next(false, LinkConditions.UNKNOWN, 0)).isNull();
    }

    @Test
    void framesWaitForRoomInTheTransport() {
        queue.credit(1, 1000);
        queue.frame(frame(1, 10));
        assertThat(queue.next(false, LinkConditions.UNKNOWN, 0)).isNull();
        assertThat(send()).containsExactly(1L);
    }

    @Test
    void framesWaitForCredit() {
        queue.credit(1, 1000);
        queue.frame(frame(1, 10));
        queue.frame(frame(2, 10));
        assertThat(send()).containsExactly(1L);
        queue.credit(1, 10);
        assertThat(send()).containsExactly(2L);
    }

    @Test
    void smallFramesOvertakeOneThatDoesNotFit() {
        queue.credit(10, 100);
        queue.frame(frame(1, 50));
        queue.frame(frame(2, 90));
        queue.frame(frame(3, 50));
        assertThat(send()).containsExactly(1L, 3L);
    }

    @Test
    void smallFramesDoNotStarveALargeOne() {
        queue.credit(1000, 100);
        queue.frame(frame(1, 60));
        queue.frame(frame(2, 100));
        List<Long> sent = new ArrayList<>(send());
        long id = 3;
        while (!sent.contains(2L)) {
            queue.frame(frame(id++, 40));
            List<Long> now = send();
            sent.addAll(now);
            now.forEach(done -> queue.credit(1, 40));
            if (now.isEmpty()) {
                queue.credit(1, 60); // frame 1 is answered at last
                sent.addAll(send());
            }
        }
        assertThat(sent).hasSize(2 + SendQueue.MAX_OVERTAKEN);
    }

    @Test
    void aCancelledFrameThatWaitsIsForgottenWithoutAWord() {
        queue.frame(frame(1, 10));
        assertThat(queue.remove(1)).isFalse();
        queue.credit(5, 1000);
        assertThat(send()).isEmpty();
    }

    @Test
    void creditOfWhatWasNotSentComesBackAtOnce() {
        queue.credit(2, 3 * CHUNK);
        queue.frame(frame(1, 3 * CHUNK));
        next();
        queue.frame(frame(2, 2 * CHUNK));
        assertThat(queue.remove(1)).isTrue();
        assertThat(send()).containsExactly(2L, 2L);
    }

    @Test
    void theGatewayMustHearOfACancelledFrameThatWasSent() {
        queue.credit(1, 1000);
        queue.frame(frame(1, 10));
        send();
        assertThat(queue.remove(1)).isTrue();
    }
}
