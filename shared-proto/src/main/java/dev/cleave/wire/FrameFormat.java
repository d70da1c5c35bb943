package dev.cleave.wire;

import com.google.protobuf.ByteString;
import dev.cleave.v1.Frame;

/** {@link Frame} as a {@link ChunkFormat}. */
final class FrameFormat implements ChunkFormat<Frame> {
    @Override
    public String noun() {
        return "frame";
    }

    @Override
    public long requestId(Frame frame) {
        return frame.getRequestId();
    }

    @Override
    public int index(Frame frame) {
        return frame.getChunkIndex();
    }

    @Override
    public int count(Frame frame) {
        return frame.getChunkCount();
    }

    @Override
    public long totalBytes(Frame frame) {
        return frame.getFrameBytes();
    }

    @Override
    public ByteString payload(Frame frame) {
        return frame.getPayload();
    }

    @Override
    public Frame first(Frame header, int count, long totalBytes, ByteString payload) {
        return header.toBuilder()
                .setChunkIndex(0)
                .setChunkCount(count)
                .setFrameBytes(totalBytes)
                .setPayload(payload)
                .build();
    }

    @Override
    public Frame later(Frame header, int index, int count, ByteString payload) {
        return Frame.newBuilder()
                .setRequestId(header.getRequestId())
                .setChunkIndex(index)
                .setChunkCount(count)
                .setPayload(payload)
                .build();
    }

    @Override
    public Frame headerOf(Frame first) {
        return first.toBuilder().clearPayload().build();
    }
}
