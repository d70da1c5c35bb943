package dev.cleave.edge.events;

import java.util.Objects;

/**
 * Why a request was finished on the device although it was meant to be answered by the gateway.
 *
 * @param message one line for people, with what the gateway or the link said
 */
public record Fallback(Cause cause, String message) {
    /** What made the device finish alone. */
    public enum Cause {
        /** There was no stream to the gateway in time, or it ended while the request was waiting. */
        LINK_DOWN,
        /** The gateway does not serve this bundle, point or size, or not to this device. */
        REFUSED,
        /** The gateway received the request and answered with an error. */
        GATEWAY_ERROR,
        /** The gateway's credit did not let the request leave in time. */
        NO_CREDIT,
        /** The request left, and there was just enough time left to finish locally. */
        DEADLINE_NEAR
    }

    public Fallback {
        Objects.requireNonNull(cause, "cause");
        Objects.requireNonNull(message, "message");
    }
}
