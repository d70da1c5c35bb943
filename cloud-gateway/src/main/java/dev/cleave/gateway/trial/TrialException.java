package dev.cleave.gateway.trial;

/** A model is not to be loaded, or could not be tried. The message is one line that says why. */
public final class TrialException extends Exception {
    private static final long serialVersionUID = 1L;

    TrialException(String message) {
        super(message);
    }

    TrialException(String message, Throwable cause) {
        super(message, cause);
    }
}
