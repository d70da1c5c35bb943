package dev.cleave.bundle;

import java.io.IOException;

/** A bundle cannot be read. The message is one line that names the file, the entry, the value and the expectation. */
public final class BundleException extends IOException {
    private static final long serialVersionUID = 1L;

    public BundleException(String message) {
        super(message);
    }

    public BundleException(String message, Throwable cause) {
        super(message, cause);
    }
}
