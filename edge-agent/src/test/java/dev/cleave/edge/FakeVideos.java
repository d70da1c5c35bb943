package dev.cleave.edge;

import dev.cleave.bundle.Contract;
import dev.cleave.bundle.LadderPoint;
import dev.cleave.codec.ActivationCodec;
import dev.cleave.codec.BoundaryReference;
import dev.cleave.codec.CodecException;
import dev.cleave.codec.Entropy;
import dev.cleave.codec.StreamedBoundary;
import dev.cleave.v1.Frame;
import dev.cleave.wire.ReferenceReceiver;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;

/** What a {@link FakeGateway} holds of the videos of one stream; on that stream's thread. */
final class FakeVideos {
    private final Contract contract;
    private final Map<Long, ReferenceReceiver<BoundaryReference>> videos = new HashMap<>();

    /** Null payload: the reference is not held. */
    record Received(ByteBuffer payload, long held) {}

    FakeVideos(Contract contract) {
        this.contract = contract;
    }

    synchronized void forget() {
        videos.clear();
    }

    synchronized void forget(long video) {
        videos.remove(video);
    }

    synchronized Received receive(Frame header, ByteBuffer payload) {
        if (header.getStreamId() == 0) {
            return new Received(payload, 0);
        }
        ReferenceReceiver<BoundaryReference> video =
                videos.computeIfAbsent(header.getStreamId(), id -> new ReferenceReceiver<>());
        video.begin(header.getSplitPoint(), header.getQuality());
        BoundaryReference against = header.getReferenceId() == 0 ? null : video.find(header.getReferenceId());
        if (header.getReferenceId() != 0 && against == null) {
            return new Received(null, 0);
        }
        LadderPoint point = contract.points().get(header.getSplitPoint());
        ActivationCodec codec = new ActivationCodec(
                point.specs(),
                point.levels().get(header.getQuality()).codecs(),
                Entropy.NONE,
                contract.preprocessing(),
                null);
        try {
            StreamedBoundary settled = codec.settle(payload, against);
            long held = header.getHold() ? video.hold(header.getStreamSequence(), settled.reference()) : 0;
            return new Received(settled.payload(), held);
        } catch (CodecException e) {
            throw new IllegalStateException(e);
        }
    }
}
