package dev.cleave.wire;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import dev.cleave.v1.Frame;
import dev.cleave.v1.Reply;
import java.nio.Buffer;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * Cuts a payload into the messages that carry it, so that a large one neither exceeds gRPC's message limit nor holds up
 * small ones: chunks of different requests may interleave on the stream.
 *
 * <p>Chunk 0 carries the header's fields; later chunks only {@code request_id}, {@code chunk_index},
 * {@code chunk_count} and their part of the payload. All chunks but the last are of the same size. A payload without
 * bytes is one empty chunk.
 *
 * <p>Chunks share the payload's memory (protobuf calls it an unsafe wrap): an encoder makes a new buffer for every
 * payload, and copying it here would be the second copy of every byte sent, the first being gRPC's. In return the
 * payload belongs to the chunks from then on: nobody may write to it again.
 */
public final class Chunks {
    /** Payload bytes of one chunk where nothing smaller was agreed; well under gRPC's default limit of 4 MiB. */
    public static final int DEFAULT_CHUNK_BYTES = 1 << 20;

    /** A payload may have one chunk for every so many bytes, and one more: bounds what a receiver spends on each. */
    public static final int MIN_CHUNK_BYTES = 1 << 10;

    private Chunks() {}

    /**
     * @param header everything but the chunk fields, which are ignored
     * @param payload from position to limit; not changed, its position neither
     * @param chunkBytes most payload bytes of one chunk, &ge; {@link #MIN_CHUNK_BYTES}
     */
    public static List<Frame> split(Frame header, ByteBuffer payload, int chunkBytes) {
        return split(ChunkFormat.FRAME, header, payload, chunkBytes);
    }

    /** {@link #split(Frame, ByteBuffer, int)} for replies. A reply with an error has an empty payload. */
    public static List<Reply> split(Reply header, ByteBuffer payload, int chunkBytes) {
        return split(ChunkFormat.REPLY, header, payload, chunkBytes);
    }

    private static <M> List<M> split(ChunkFormat<M> format, M header, ByteBuffer payload, int chunkBytes) {
        if (chunkBytes < MIN_CHUNK_BYTES) {
            throw new IllegalArgumentException(
                    "chunks of " + chunkBytes + " bytes; expected at least " + MIN_CHUNK_BYTES);
        }
        int total = payload.remaining();
        int count = Math.max(1, (int) (((long) total + chunkBytes - 1) / chunkBytes));
        List<M> chunks = new ArrayList<>(count);
        for (int index = 0; index < count; index++) {
            int from = index * chunkBytes;
            ByteString part = UnsafeByteOperations.unsafeWrap(part(payload, from, Math.min(chunkBytes, total - from)));
            chunks.add(
                    index == 0 ? format.first(header, count, total, part) : format.later(header, index, count, part));
        }
        return Collections.unmodifiableList(chunks);
    }

    private static ByteBuffer part(ByteBuffer payload, int from, int length) {
        ByteBuffer part = payload.duplicate();
        ((Buffer) part).position(payload.position() + from);
        ((Buffer) part).limit(payload.position() + from + length);
        return part.slice();
    }
}
