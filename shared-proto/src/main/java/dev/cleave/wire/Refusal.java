package dev.cleave.wire;

import dev.cleave.v1.Error;

/**
 * A request that ends before its payload was whole.
 *
 * @param requestId as the peer sent it; 0 is possible, since that is one of the things refused
 * @param message one line: the thing, the value, the expectation
 * @param releasedBytes payload bytes that left the buffer with it, those of the refused chunk included: credit to return
 */
public record Refusal(long requestId, Error.Code code, String message, long releasedBytes) {
    public Error toError() {
        return Error.newBuilder().setCode(code).setMessage(message).build();
    }
}
