package dev.cleave.edge;

/**
 * What is asked for, checked against the contract.
 *
 * @param rows batch rows in it, at least 1
 * @param askedNanos when, by the scheduler's clock
 * @param allowedNanos from then to the deadline
 */
record Request(InferenceInput input, int rows, long askedNanos, long allowedNanos) {
    long deadlineNanos() {
        return askedNanos + allowedNanos;
    }
}
