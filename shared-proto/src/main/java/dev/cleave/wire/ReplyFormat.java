package dev.cleave.wire;

import com.google.protobuf.ByteString;
import dev.cleave.v1.Reply;

/** {@link Reply} as a {@link ChunkFormat}. */
final class ReplyFormat implements ChunkFormat<Reply> {
    @Override
    public String noun() {
        return "reply";
    }

    @Override
    public long requestId(Reply reply) {
        return reply.getRequestId();
    }

    @Override
    public int index(Reply reply) {
        return reply.getChunkIndex();
    }

    @Override
    public int count(Reply reply) {
        return reply.getChunkCount();
    }

    @Override
    public long totalBytes(Reply reply) {
        return reply.getReplyBytes();
    }

    @Override
    public ByteString payload(Reply reply) {
        return reply.getPayload();
    }

    @Override
    public Reply first(Reply header, int count, long totalBytes, ByteString payload) {
        return header.toBuilder()
                .setChunkIndex(0)
                .setChunkCount(count)
                .setReplyBytes(totalBytes)
                .setPayload(payload)
                .build();
    }

    @Override
    public Reply later(Reply header, int index, int count, ByteString payload) {
        return Reply.newBuilder()
                .setRequestId(header.getRequestId())
                .setChunkIndex(index)
                .setChunkCount(count)
                .setPayload(payload)
                .build();
    }

    @Override
    public Reply headerOf(Reply first) {
        return first.toBuilder().clearPayload().build();
    }
}
