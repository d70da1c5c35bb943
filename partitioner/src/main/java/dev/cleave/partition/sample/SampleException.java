package dev.cleave.partition.sample;

import java.io.IOException;

/** An input cannot be read or does not fit the model; the message is one line that names it. */
public final class SampleException extends IOException {
    private static final long serialVersionUID = 1L;

    public SampleException(String message) {
        super(message);
    }

    public SampleException(String message, Throwable cause) {
        super(message, cause);
    }
}
