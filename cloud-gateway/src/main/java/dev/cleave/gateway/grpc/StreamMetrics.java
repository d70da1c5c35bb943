package dev.cleave.gateway.grpc;

import dev.cleave.gateway.exec.InferenceTask;
import dev.cleave.gateway.exec.Outcome;
import dev.cleave.gateway.exec.Refusal;
import dev.cleave.gateway.exec.Timing;
import dev.cleave.gateway.metrics.ModelMetrics;
import dev.cleave.v1.Error;

/** What is counted when a request gets its reply. */
final class StreamMetrics {
    private StreamMetrics() {}

    static void record(
            ModelMetrics metrics, InferenceTask task, Outcome outcome, long receiveNanos, long residenceNanos) {
        if (!outcome.isAnswer()) {
            refused(metrics, task.point(), outcome.refusal(), residenceNanos);
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

    /** @param point null if it is not one that is served */
    static void refused(ModelMetrics metrics, Integer point, Refusal refusal) {
        refused(metrics, point, refusal, 0);
    }

    private static void refused(ModelMetrics metrics, Integer point, Refusal refusal, long residenceNanos) {
        String reason = ModelMetrics.label(refusal.code());
        metrics.answered(point, reason, residenceNanos);
        if (refusal.code() != Error.Code.EXECUTION_FAILED) {
            metrics.dropped(reason);
        }
    }
}
