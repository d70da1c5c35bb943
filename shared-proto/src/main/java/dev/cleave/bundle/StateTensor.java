package dev.cleave.bundle;

/** State of a streaming model: {@code output} of one run is {@code input} of the next, on one side. */
public record StateTensor(String input, String output, Side side) {
    /** Where the state lives. */
    public enum Side {
        EDGE,
        CLOUD
    }
}
