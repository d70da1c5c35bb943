package dev.cleave.benchmarks.field;

import dev.cleave.edge.InferenceResult;
import dev.cleave.edge.events.Source;

/**
 * How one request of a {@link PacedRun} ended.
 *
 * @param number from 0
 * @param startNanos since the run began
 * @param millis from the call to the answer or the failure
 * @param result null if it failed
 * @param failure null if it was answered
 */
record Request(int number, long startNanos, double millis, InferenceResult result, String failure) {
    boolean isAnswered() {
        return result != null;
    }

    double startSeconds() {
        return startNanos / 1e9;
    }

    double endSeconds() {
        return startSeconds() + millis / 1e3;
    }

    /** The point that was chosen for it; -1 if it failed. */
    int chosenPoint() {
        return result == null ? -1 : result.decision().splitPoint();
    }

    /** Where it was answered; null if it failed. */
    Source source() {
        return result == null ? null : result.source();
    }

    boolean isLate() {
        return result != null && !result.deadlineMet();
    }

    /** If it failed, with the time that it had: who refuses at once has helped nobody. */
    Request failedAtDeadline(double deadlineMillis) {
        return isAnswered() ? this : new Request(number, startNanos, deadlineMillis, null, failure);
    }

    boolean isFromGateway() {
        return result != null && result.source() != Source.LOCAL;
    }
}
