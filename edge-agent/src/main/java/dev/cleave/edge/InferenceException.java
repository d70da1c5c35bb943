package dev.cleave.edge;

import java.util.Objects;

/** A request without an answer. The message is one line that names the thing, the value and the expectation. */
public final class InferenceException extends Exception {
    private static final long serialVersionUID = 1L;

    /** What a caller may want to tell apart. */
    public enum Reason {
        /** The time was up. */
        DEADLINE,
        /** No gateway could be reached, or it was lost, and this view cannot finish alone. */
        UNAVAILABLE,
        /** The gateway, or a limit of the agent, does not admit the request. */
        REFUSED,
        /** The inputs do not fit the model. */
        MALFORMED_INPUT,
        /** A graph failed, on the device or on the gateway, or the gateway's answer does not fit the contract. */
        EXECUTION,
        /** The gateway says that it was cancelled; a future that its owner cancelled is simply cancelled. */
        CANCELLED,
        /** A frame of a stream gave way to a newer one before it was sent. */
        SUPERSEDED,
        /** The agent is closed, or the stream. */
        CLOSED
    }

    private final Reason reason;

    public InferenceException(Reason reason, String message) {
        this(reason, message, null);
    }

    public InferenceException(Reason reason, String message, Throwable cause) {
        super(message, cause);
        this.reason = Objects.requireNonNull(reason, "reason");
    }

    public Reason reason() {
        return reason;
    }
}
