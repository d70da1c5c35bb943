package dev.cleave.wire;

import java.nio.ByteBuffer;

/** What a chunk that arrived led to. */
public sealed interface Arrival<M> {
    /** The request has more chunks to come. */
    record Pending<M>(long requestId) implements Arrival<M> {}

    /**
     * The request is whole, and out of the buffer.
     *
     * @param header chunk 0 without its payload
     * @param payload position 0; read-only if it came in one chunk, then without a copy
     * @param firstChunkNanos when chunk 0 arrived
     */
    record Whole<M>(M header, ByteBuffer payload, long firstChunkNanos) implements Arrival<M> {}

    /** The request is over. Told once per request: chunks of it that are still under way are {@link Dropped}. */
    record Refused<M>(Refusal refusal) implements Arrival<M> {}

    /**
     * The chunk belongs to a request that was refused, expired or discarded before.
     *
     * @param bytes of its payload: credit to return
     */
    record Dropped<M>(long requestId, int bytes) implements Arrival<M> {}
}
