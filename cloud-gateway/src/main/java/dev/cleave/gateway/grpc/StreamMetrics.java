package dev.cleave.gateway.grpc;

import dev.cleave.gateway.exec.InferenceTask;
import dev.cleave.gateway.exec.Outcome;
import dev.cleave.gateway.exec.Refusal;
import dev.cleave.gateway.exec.Timing;
import dev.cleave.gateway.metrics.ModelMetrics;
import dev.cleave.gateway.state.StreamStates;
import dev.cleave.gateway.video.VideoFrames;
import dev.cleave.v1.Error;
import dev.cleave.v1.Frame;
import dev.cleave.wire.ReferenceSender;

/** What is counted when a request gets its reply. */
final class StreamMetrics {
    private StreamMetrics() {}

    static void record(
            ModelMetrics metrics, InferenceTask task, Outcome outcome, long receiveNanos, long residenceNanos) {
        if (!outcome.isAnswer()) {
            refused(metrics, task.point(), outcome.refusal(), !task.hadBegun(), residenceNanos);
            return;
        }
        Timing timing = outcome.timing();
        metrics.answered(task.point(), ModelMetrics.OK, residenceNanos);
        metrics.stage("receive", receiveNanos);
        metrics.stage("queue", timing.queueNanos());
        metrics.stage("decode", timing.decodeNanos());
        metrics.stage("tail", timing.tailNanos());
        metrics.stage("encode", timing.encodeNanos());
        metrics.stage("residence", residenceNanos);
        metrics.sent(outcome.payload().remaining());
    }

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

    /** @param point null if it is not one that is served */
    static void refused(ModelMetrics metrics, Integer point, Refusal refusal) {
        refused(metrics, point, refusal, true, 0);
    }

    private static void refused(
            ModelMetrics metrics, Integer point, Refusal refusal, boolean withoutRun, long residenceNanos) {
        String reason = ModelMetrics.label(refusal.code());
        metrics.answered(point, reason, residenceNanos);
        if (withoutRun && refusal.code() != Error.Code.EXECUTION_FAILED) {
            metrics.dropped(reason);
        }
    }
}
