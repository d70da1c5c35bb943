package dev.cleave.edge.estimate;

/**
 * What the other side of a stream should say something about next.
 *
 * @param sinceNanos when the first byte of it was handed to the transport
 * @param bytes of it, above 0
 */
public record Owed(long sinceNanos, long bytes) {}
