package dev.cleave.gateway.exec;

/** What became of a request that was offered to a queue. Only one that is {@link #TAKEN} is the queue's. */
public enum Offer {
    TAKEN,
    /** As many wait as may. */
    FULL,
    /** What waits before it, and its own run, take longer than its deadline is away. */
    TOO_LATE,
    /** The queue takes nothing any more. */
    CLOSED
}
