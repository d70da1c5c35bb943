package dev.cleave.partition.profile;

import java.io.IOException;

/** A profile cannot be used. The message is one line that names the file, the value and the expectation. */
public final class ProfileException extends IOException {
    private static final long serialVersionUID = 1L;

    public ProfileException(String message) {
        super(message);
    }

    public ProfileException(String message, Throwable cause) {
        super(message, cause);
    }
}
