package dev.cleave.gateway.identity;

/**
 * A device has used up what it may.
 *
 * @param nanos until it has enough again
 */
public record Overdraft(Of of, long nanos) {
    /** Of what. */
    public enum Of {
        REQUESTS,
        BYTES
    }
}
