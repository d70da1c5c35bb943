package dev.cleave.gateway.exec;

import dev.cleave.gateway.metrics.ModelMetrics;
import dev.cleave.v1.Error;

/** What is counted when a request gets its answer, whatever it came by. */
public final class RequestMetrics {
    private RequestMetrics() {}

    /** @param receiveNanos from a request's first part to its last */
    public static void record(
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

    /** @param point null if it is not one that is served */
    public static void refused(ModelMetrics metrics, Integer point, Refusal refusal) {
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
