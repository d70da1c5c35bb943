package dev.cleave.gateway.grpc;

import dev.cleave.gateway.exec.InferenceTask;

/** A request of one stream between its full receipt and its reply. */
final class StreamRequest {
    final long id;
    final long receiveNanos;
    final long receivedNanos;
    /** Null until admission; set on the call's own thread, read there and after the task was completed. */
    volatile InferenceTask task;

    /**
     * @param receiveNanos from the first chunk to the last
     * @param receivedNanos when it was whole, and read if it is a frame of a video
     */
    StreamRequest(long id, long receiveNanos, long receivedNanos) {
        this.id = id;
        this.receiveNanos = receiveNanos;
        this.receivedNanos = receivedNanos;
    }
}
