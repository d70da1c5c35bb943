package dev.cleave.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import dev.cleave.v1.Error;
import dev.cleave.v1.Frame;
import dev.cleave.v1.GatewayTiming;
import dev.cleave.v1.Reply;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ChunksTest {
    private static final Frame HEADER = Frame.newBuilder()
            .setRequestId(7)
            .setSplitPoint(2)
            .setRows(3)
            .setQuality(1)
            .setRemainingMicros(5_000)
            .setPriority(-1)
            .setTraceParent("00-1-2-01")
            .build();

    @Test
    void onlyChunkZeroCarriesTheHeader() {
        ByteBuffer payload = payload(2_500);
        List<Frame> chunks = Chunks.split(HEADER, payload, 1_024);
        assertThat(chunks).hasSize(3);
        assertThat(chunks.get(0).toBuilder()
                        .clearChunkCount()
                        .clearFrameBytes()
                        .clearPayload()
                        .build())
                .isEqualTo(HEADER);
        assertThat(chunks.get(0).getFrameBytes()).isEqualTo(2_500);
        for (int index = 1; index < 3; index++) {
            assertThat(chunks.get(index))
                    .isEqualTo(Frame.newBuilder()
                            .setRequestId(7)
                            .setChunkIndex(index)
                            .setChunkCount(3)
                            .setPayload(chunks.get(index).getPayload())
                            .build());
        }
        assertThat(payload.remaining()).isEqualTo(2_500);
    }

    @Test
    void chunksTogetherAreThePayloadFromPositionToLimit() {
        for (int size : new int[] {0, 1, 1_023, 1_024, 1_025, 2_048, 10_000}) {
            for (boolean direct : new boolean[] {false, true}) {
                ByteBuffer payload = direct ? ByteBuffer.allocateDirect(size + 9) : ByteBuffer.allocate(size + 9);
                payload.put(payload(size + 9)).position(5).limit(5 + size);
                ByteString joined = ByteString.EMPTY;
                List<Frame> chunks = Chunks.split(HEADER, payload, 1_024);
                for (Frame chunk : chunks) {
                    assertThat(chunk.getChunkCount()).isEqualTo(chunks.size());
                    assertThat(chunk.getPayload().size()).isLessThanOrEqualTo(1_024);
                    joined = joined.concat(chunk.getPayload());
                }
                assertThat(chunks).hasSize(Math.max(1, (size + 1_023) / 1_024));
                assertThat(joined).isEqualTo(ByteString.copyFrom(payload.duplicate()));
            }
        }
    }

    @Test
    void chunksShareThePayload() {
        ByteBuffer payload = payload(3_000);
        List<Frame> chunks = Chunks.split(HEADER, payload, 1_024);
        payload.put(1_500, (byte) 99);
        assertThat(chunks.get(1).getPayload().byteAt(1_500 - 1_024)).isEqualTo((byte) 99);
    }

    @Test
    void repliesAreCutAlike() {
        GatewayTiming timing = GatewayTiming.newBuilder().setBatchRows(4).build();
        Reply header = Reply.newBuilder().setRequestId(9).setTiming(timing).build();
        List<Reply> chunks = Chunks.split(header, payload(1_500), 1_024);
        assertThat(chunks).hasSize(2);
        assertThat(chunks.get(0).getTiming()).isEqualTo(timing);
        assertThat(chunks.get(0).getReplyBytes()).isEqualTo(1_500);
        assertThat(chunks.get(1).hasTiming()).isFalse();
        Reply failed = Reply.newBuilder()
                .setRequestId(9)
                .setError(Error.newBuilder().setCode(Error.Code.OVERLOADED))
                .build();
        assertThat(Chunks.split(failed, ByteBuffer.allocate(0), 1_024))
                .containsExactly(failed.toBuilder().setChunkCount(1).build());
    }

    @Test
    void refusesChunksThatNoReceiverWouldTake() {
        assertThatThrownBy(() -> Chunks.split(HEADER, payload(10), Chunks.MIN_CHUNK_BYTES - 1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("chunks of 1023 bytes; expected at least 1024");
    }

    private static ByteBuffer payload(int size) {
        byte[] bytes = new byte[size];
        new Random(size).nextBytes(bytes);
        return ByteBuffer.wrap(bytes);
    }
}
