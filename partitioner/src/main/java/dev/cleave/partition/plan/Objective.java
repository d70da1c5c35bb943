package dev.cleave.partition.plan;

/** What the best candidate has least of. */
public enum Objective {
    /** Milliseconds from the input to the answer. */
    LATENCY,
    /** The gateway's milliseconds per request, among those at most 1.2 times as slow as the fastest. */
    GATEWAY,
    /** Bytes up, among those at most 1.2 times as slow as the fastest. */
    BYTES,
    /** Milliseconds between two requests in a full pipeline: the slowest of device, link and gateway. */
    THROUGHPUT
}
