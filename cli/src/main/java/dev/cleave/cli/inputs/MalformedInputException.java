package dev.cleave.cli.inputs;

import java.io.IOException;

/** A file does not hold what its name promises, or it does not fit the model. The message does not name the file. */
final class MalformedInputException extends IOException {
    private static final long serialVersionUID = 1L;

    MalformedInputException(String message) {
        super(message);
    }

    MalformedInputException(String message, Throwable cause) {
        super(message, cause);
    }
}
