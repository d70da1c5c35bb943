package dev.cleave.gateway.exec;

/**
 * Where a request's time went, in nanoseconds, and what it ran with. A member of a batch is charged for the whole
 * batch's decoding, since that is how long it waited for its run.
 *
 * @param closeReason of its batch, empty if it never ran
 */
public record Timing(
        long queueNanos,
        long decodeNanos,
        long tailNanos,
        long encodeNanos,
        int batchRows,
        int batchRequests,
        String closeReason) {
    /** Of a request that was given up while its batch ran; decoding is counted with the tail. */
    public static Timing cutShort(long queueNanos, long runNanos) {
        return new Timing(queueNanos, 0, runNanos, 0, 0, 0, "");
    }

    /** Of a request that never left the queue. */
    public static Timing queued(long nanos) {
        return new Timing(nanos, 0, 0, 0, 0, 0, "");
    }
}
