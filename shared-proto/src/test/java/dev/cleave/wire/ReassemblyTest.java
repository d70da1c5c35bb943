package dev.cleave.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import dev.cleave.v1.Error;
import dev.cleave.v1.Frame;
import dev.cleave.v1.Reply;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ReassemblyTest {
    private static final int KIB = 1_024;
    private static final long MILLIS = 1_000_000;
    private static final ReassemblyLimits LIMITS =
            new ReassemblyLimits(64 * KIB, 4 * KIB, 128 * KIB, 8, 1_000 * MILLIS);

    private final Reassembly<Frame> frames = Reassembly.ofFrames(LIMITS);

    @Test
    void joinsRequestsWhoseChunksInterleave() {
        for (int seed = 0; seed < 200; seed++) {
            Random random = new Random(seed);
            Map<Long, ByteBuffer> sent = new HashMap<>();
            List<Deque<Frame>> queues = new ArrayList<>();
            for (long id = 1; id <= 6; id++) {
                byte[] bytes = new byte[random.nextInt(18 * KIB)];
                random.nextBytes(bytes);
                sent.put(id, ByteBuffer.wrap(bytes));
                Frame header =
                        Frame.newBuilder().setRequestId(id).setRows((int) id).build();
                queues.add(new ArrayDeque<>(Chunks.split(header, sent.get(id), KIB + random.nextInt(3 * KIB))));
            }
            int whole = 0;
            while (!queues.isEmpty()) {
                Deque<Frame> queue = queues.get(random.nextInt(queues.size()));
                Frame chunk = queue.remove();
                Arrival<Frame> arrival = frames.offer(chunk, seed);
                if (queue.isEmpty()) {
                    queues.remove(queue);
                    Arrival.Whole<Frame> done = (Arrival.Whole<Frame>) arrival;
                    assertThat(done.payload()).isEqualTo(sent.get(chunk.getRequestId()));
                    assertThat(done.header().getRows()).isEqualTo((int) chunk.getRequestId());
                    assertThat(done.header().getPayload()).isEqualTo(ByteString.EMPTY);
                    assertThat(done.firstChunkNanos()).isEqualTo(seed);
                    whole++;
                } else {
                    assertThat(arrival).isEqualTo(new Arrival.Pending<Frame>(chunk.getRequestId()));
                }
            }
            assertThat(whole).isEqualTo(6);
            assertThat(frames.bufferedBytes()).isZero();
            assertThat(frames.openRequests()).isZero();
        }
    }

    @Test
    void joinsReplies() {
        Reassembly<Reply> replies = Reassembly.ofReplies(LIMITS);
        List<Reply> chunks = Chunks.split(Reply.newBuilder().setRequestId(3).build(), payload(3_000), 2_048);
        assertThat(replies.offer(chunks.get(0), 0)).isInstanceOf(Arrival.Pending.class);
        assertThat(((Arrival.Whole<Reply>) replies.offer(chunks.get(1), 0)).payload())
                .isEqualTo(payload(3_000));
    }

    @Test
    void aSingleChunkIsNotCopied() {
        byte[] bytes = new byte[100];
        Frame only = Chunks.split(Frame.newBuilder().setRequestId(1).build(), ByteBuffer.wrap(bytes), KIB)
                .get(0);
        ByteBuffer payload = ((Arrival.Whole<Frame>) frames.offer(only, 0)).payload();
        bytes[50] = 7;
        assertThat(payload.get(50)).isEqualTo((byte) 7);
    }

    @Test
    void anIdMayBeUsedAgainOnceItsRequestIsWhole() {
        for (int i = 0; i < 3; i++) {
            for (Frame chunk : Chunks.split(Frame.newBuilder().setRequestId(1).build(), payload(3_000), 2_048)) {
                assertThat(frames.offer(chunk, 0)).isNotInstanceOf(Arrival.Refused.class);
            }
        }
    }

    @Test
    void refusesAFirstChunkThatBreaksTheRules() {
        assertRefused(first(0, 1, 10, 10), Error.Code.PROTOCOL_VIOLATION, "frame 0 has id 0");
        assertRefused(later(1, 1, 2, 10), Error.Code.PROTOCOL_VIOLATION, "starts with chunk 1; expected chunk 0");
        assertRefused(later(2, -1, 2, 10), Error.Code.PROTOCOL_VIOLATION, "starts with chunk 4294967295");
        assertRefused(first(3, 0, 10, 10), Error.Code.PROTOCOL_VIOLATION, "announces 0 chunks for 10 bytes");
        assertRefused(
                first(4, 2, 10, 5), Error.Code.PROTOCOL_VIOLATION, "announces 2 chunks for 10 bytes; expected 1 to 1");
        assertRefused(first(5, -1, 64 * KIB, 5), Error.Code.PROTOCOL_VIOLATION, "announces 4294967295 chunks");
        assertRefused(first(6, 1, 64 * KIB + 1, 5), Error.Code.LIMIT_EXCEEDED, "65537 bytes; expected at most 65536");
        assertRefused(first(7, 1, -1, 5), Error.Code.LIMIT_EXCEEDED, "announces 18446744073709551615 bytes");
        assertRefused(
                first(8, 1, 10, 9), Error.Code.PROTOCOL_VIOLATION, "has 9 bytes by chunk 0 of 1; announced were 10");
        assertRefused(first(9, 1, 10, 11), Error.Code.PROTOCOL_VIOLATION, "has 11 bytes");
        assertRefused(
                first(10, 1, 5 * KIB, 5 * KIB),
                Error.Code.LIMIT_EXCEEDED,
                "5120 bytes in chunk 0; expected at most 4096");
        assertRefused(first(11, 2, 3 * KIB, 3 * KIB), Error.Code.PROTOCOL_VIOLATION, "by chunk 0 of 2");
        assertRefused(first(12, 2, 3 * KIB, 0), Error.Code.PROTOCOL_VIOLATION, "has nothing in chunk 0");
        assertThat(frames.bufferedBytes()).isZero();
        assertThat(frames.openRequests()).isZero();
    }

    @Test
    void refusesALaterChunkThatBreaksTheRulesAndDropsTheRestOfItsRequest() {
        Frame[] bad = {
            later(1, 2, 4, KIB), // order
            later(1, 0, 4, KIB), // again
            later(1, 1, 5, KIB), // count
            later(1, 1, 4, 3 * KIB + 1), // more than announced
            later(1, 1, 4, 3 * KIB), // all of it too soon
            later(1, 1, 4, 0), // nothing
            first(1, 4, 4 * KIB, KIB) // another request of the same id
        };
        String[] expected = {
            "continues with chunk 2; expected chunk 1",
            "continues with chunk 0; expected chunk 1",
            "changes to 5 chunks; expected 4",
            "has 4097 bytes by chunk 1 of 4; announced were 4096",
            "has 4096 bytes by chunk 1 of 4; announced were 4096",
            "has nothing in chunk 1",
            "continues with chunk 0; expected chunk 1"
        };
        for (int i = 0; i < bad.length; i++) {
            Reassembly<Frame> buffer = Reassembly.ofFrames(LIMITS);
            assertThat(buffer.offer(first(1, 4, 4 * KIB, KIB), 0)).isInstanceOf(Arrival.Pending.class);
            Refusal refusal = ((Arrival.Refused<Frame>) buffer.offer(bad[i], 0)).refusal();
            assertThat(refusal.message()).startsWith("frame 1 ").contains(expected[i]);
            assertThat(refusal.code()).isEqualTo(Error.Code.PROTOCOL_VIOLATION);
            assertThat(refusal.releasedBytes())
                    .isEqualTo(KIB + bad[i].getPayload().size());
            assertThat(refusal.toError().getMessage()).isEqualTo(refusal.message());
            assertThat(buffer.bufferedBytes()).isZero();
            assertThat(buffer.offer(later(1, 2, 4, KIB), 0)).isEqualTo(new Arrival.Dropped<Frame>(1, KIB));
            assertThat(buffer.offer(later(1, 3, 4, KIB), 0)).isEqualTo(new Arrival.Dropped<Frame>(1, KIB));
        }
    }

    @Test
    void refusesALastChunkThatIsTooShort() {
        frames.offer(first(1, 2, 2 * KIB, KIB), 0);
        assertRefused(later(1, 1, 2, KIB - 1), Error.Code.PROTOCOL_VIOLATION, "has 2047 bytes by chunk 1 of 2");
        assertThat(frames.offer(first(1, 1, 3, 3), 0)).isInstanceOf(Arrival.Whole.class);
    }

    @Test
    void bufferedBytesAreThoseThatArrivedNotThoseAnnounced() {
        for (long id = 1; id <= LIMITS.maxOpen(); id++) {
            frames.offer(first(id, 64, 64 * KIB, 1), 0);
        }
        assertThat(frames.bufferedBytes()).isEqualTo(LIMITS.maxOpen());
        assertRefused(first(99, 64, 64 * KIB, 1), Error.Code.LIMIT_EXCEEDED, "is one more than 8 incomplete ones");
        assertThat(frames.offer(first(100, 1, 5, 5), 0)).isInstanceOf(Arrival.Whole.class);
    }

    @Test
    void boundsTheBytesOfAllRequestsTogether() {
        Reassembly<Frame> buffer = Reassembly.ofFrames(new ReassemblyLimits(8 * KIB, 4 * KIB, 10 * KIB, 8, 1));
        buffer.offer(first(1, 2, 8 * KIB, 4 * KIB), 0);
        buffer.offer(first(2, 2, 8 * KIB, 4 * KIB), 0);
        Refusal refusal = ((Arrival.Refused<Frame>) buffer.offer(first(3, 2, 8 * KIB, 4 * KIB), 0)).refusal();
        assertThat(refusal.code()).isEqualTo(Error.Code.LIMIT_EXCEEDED);
        assertThat(refusal.message()).contains("12288 bytes; expected at most 10240");
        assertThat(refusal.releasedBytes()).isEqualTo(4 * KIB);
        assertThat(buffer.bufferedBytes()).isEqualTo(8 * KIB);
    }

    @Test
    void expiresRequestsByTheAgeOfTheirFirstChunk() {
        long start = Long.MAX_VALUE - 10; // the clock may wrap
        assertThat(frames.nanosUntilNext(start)).isEqualTo(Long.MAX_VALUE);
        frames.offer(first(1, 4, 4 * KIB, KIB), start);
        frames.offer(first(2, 4, 4 * KIB, KIB), start + 300 * MILLIS);
        frames.offer(later(1, 1, 4, KIB), start + 900 * MILLIS);
        assertThat(frames.nanosUntilNext(start + 900 * MILLIS)).isEqualTo(100 * MILLIS);
        assertThat(frames.expire(start + 1_000 * MILLIS - 1)).isEmpty();
        List<Refusal> expired = frames.expire(start + 1_000 * MILLIS);
        assertThat(expired)
                .containsExactly(new Refusal(
                        1,
                        Error.Code.DEADLINE_EXCEEDED,
                        "frame 1 is not whole after 1000 ms; expected at most 1000",
                        2 * KIB));
        assertThat(frames.bufferedBytes()).isEqualTo(KIB);
        assertThat(frames.offer(later(1, 2, 4, KIB), start + 1_001 * MILLIS)).isInstanceOf(Arrival.Dropped.class);
        assertThat(frames.expire(start + 1_300 * MILLIS))
                .extracting(Refusal::requestId)
                .containsExactly(2L);
        assertThat(frames.nanosUntilNext(start)).isEqualTo(Long.MAX_VALUE);
    }

    @Test
    void discardsACancelledRequest() {
        frames.offer(first(1, 4, 4 * KIB, KIB), 0);
        assertThat(frames.discard(1, 0)).isEqualTo(KIB);
        assertThat(frames.discard(1, 0)).isZero();
        assertThat(frames.bufferedBytes()).isZero();
        assertThat(frames.offer(later(1, 1, 4, KIB), 0)).isInstanceOf(Arrival.Dropped.class);
    }

    @Test
    void everyByteOfRandomChunksIsAccountedFor() {
        for (int seed = 0; seed < 20; seed++) {
            Random random = new Random(seed);
            Reassembly<Frame> buffer = Reassembly.ofFrames(LIMITS);
            long offered = 0;
            long left = 0;
            for (int i = 0; i < 2_000; i++) {
                Frame chunk = Frame.newBuilder()
                        .setRequestId(random.nextInt(12))
                        .setChunkIndex(random.nextInt(4))
                        .setChunkCount(random.nextInt(4))
                        .setFrameBytes(KIB * random.nextInt(4))
                        .setPayload(ByteString.copyFrom(payload(KIB * random.nextInt(3))))
                        .build();
                offered += chunk.getPayload().size();
                left += released(buffer.offer(chunk, i * 20 * MILLIS));
                for (Refusal refusal : buffer.expire(i * 20 * MILLIS)) {
                    left += refusal.releasedBytes();
                }
                assertThat(buffer.bufferedBytes()).isEqualTo(offered - left);
                assertThat(buffer.openRequests()).isLessThanOrEqualTo(LIMITS.maxOpen());
            }
        }
    }

    @Test
    void refusesLimitsThatContradictEachOther() {
        assertThatThrownBy(() -> new ReassemblyLimits(10, 1, 9, 1, 1)).hasMessageContaining("10 bytes a message");
        assertThatThrownBy(() -> new ReassemblyLimits(10, 0, 10, 1, 1)).hasMessageContaining("0 a chunk");
        assertThatThrownBy(() -> new ReassemblyLimits(1L << 31, 1, 1L << 40, 1, 1))
                .hasMessageContaining("2 GiB");
    }

    private static long released(Arrival<Frame> arrival) {
        if (arrival instanceof Arrival.Whole<Frame> whole) {
            return whole.payload().remaining();
        }
        if (arrival instanceof Arrival.Refused<Frame> refused) {
            return refused.refusal().releasedBytes();
        }
        return arrival instanceof Arrival.Dropped<Frame> dropped ? dropped.bytes() : 0;
    }

    private void assertRefused(Frame chunk, Error.Code code, String expected) {
        Arrival<Frame> arrival = frames.offer(chunk, 0);
        assertThat(arrival).isInstanceOf(Arrival.Refused.class);
        Refusal refusal = ((Arrival.Refused<Frame>) arrival).refusal();
        assertThat(refusal.requestId()).isEqualTo(chunk.getRequestId());
        assertThat(refusal.code()).isEqualTo(code);
        assertThat(refusal.message()).contains(expected).doesNotContain("\n");
    }

    private static Frame first(long id, int count, long frameBytes, int size) {
        return Frame.newBuilder()
                .setRequestId(id)
                .setChunkCount(count)
                .setFrameBytes(frameBytes)
                .setPayload(ByteString.copyFrom(payload(size)))
                .build();
    }

    private static Frame later(long id, int index, int count, int size) {
        return Frame.newBuilder()
                .setRequestId(id)
                .setChunkIndex(index)
                .setChunkCount(count)
                .setPayload(ByteString.copyFrom(payload(size)))
                .build();
    }

    private static ByteBuffer payload(int size) {
        byte[] bytes = new byte[size];
        new Random(size).nextBytes(bytes);
        return ByteBuffer.wrap(bytes);
    }
}
