package dev.cleave.gateway.grpc;

import dev.cleave.gateway.metrics.ModelMetrics;
import dev.cleave.gateway.state.StreamStates;
import dev.cleave.gateway.video.VideoFrames;
import dev.cleave.v1.Error;
import dev.cleave.v1.Frame;
import dev.cleave.wire.ReferenceSender;

/** What is counted of frames that are more than inputs: of videos, and of streams with state. */
final class StreamMetrics {
    private StreamMetrics() {}

    /** A frame whose state was to be kept here, and is not, or not any more. */
    static void state(ModelMetrics metrics, StreamStates.Received received) {
        if (received.refusal() != null && received.refusal().code() == Error.Code.STATE_LOST) {
            metrics.lostState();
        }
    }

    /** A frame of a video: one that stands alone, what has changed, or what cannot be read as its reference is gone. */
    static void video(ModelMetrics metrics, Frame header, VideoFrames.Received received) {
        boolean lost = received.refusal() != null && received.refusal().code() == Error.Code.REFERENCE_LOST;
        metrics.videoFrame(lost ? "lost" : header.getReferenceId() == ReferenceSender.NONE ? "key" : "change");
        if (header.getHold() && received.refusal() == null && received.held() == ReferenceSender.NONE) {
            metrics.unheldFrame();
        }
    }
}
