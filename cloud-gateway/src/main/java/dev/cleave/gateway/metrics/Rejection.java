package dev.cleave.gateway.metrics;

/** Why a request that is in order was not taken in. */
public enum Rejection {
    /** As many were in the house as the model's limit says. */
    LIMIT,
    /** The queue was at its bound. */
    QUEUE,
    /** Frames of all models together take as many bytes as they may. */
    MEMORY,
    /** It could not have been answered before its deadline. */
    DEADLINE,
    /** Its device has used up its requests. */
    RATE,
    /** Its device has used up its bytes. */
    BYTES
}
