package dev.cleave.gateway.exec;

import dev.cleave.v1.Error;

/**
 * Why a request gets no outputs.
 *
 * @param message one line: the thing, the value, the expectation
 * @param retryAfterNanos when it is worth coming back; 0: unknown
 */
public record Refusal(Error.Code code, String message, long retryAfterNanos) {
    public Refusal(Error.Code code, String message) {
        this(code, message, 0);
    }
}
