package dev.cleave.wire;

import com.google.protobuf.ByteString;
import dev.cleave.v1.Frame;
import dev.cleave.v1.Reply;

/** The chunk fields that {@link Frame} and {@link Reply} have alike. Numbers are unsigned on the wire. */
interface ChunkFormat<M> {
    ChunkFormat<Frame> FRAME = new FrameFormat();
    ChunkFormat<Reply> REPLY = new ReplyFormat();

    /** What messages call it. */
    String noun();

    long requestId(M message);

    int index(M message);

    int count(M message);

    /** Payload bytes of all chunks together. */
    long totalBytes(M message);

    ByteString payload(M message);

    /** {@code header} as chunk 0. */
    M first(M header, int count, long totalBytes, ByteString payload);

    /** A chunk after chunk 0. */
    M later(M header, int index, int count, ByteString payload);

    /** The message without payload, so that keeping it keeps no payload. */
    M headerOf(M first);
}
