package dev.cleave.cli.daemon.oip;

import java.io.IOException;

/** A request that is not what it should be. The message is one line: the thing, the value, the expectation. */
public final class MalformedRequestException extends IOException {
    private static final long serialVersionUID = 1L;

    public MalformedRequestException(String message) {
        super(message);
    }

    public MalformedRequestException(String message, Throwable cause) {
        super(message, cause);
    }
}
