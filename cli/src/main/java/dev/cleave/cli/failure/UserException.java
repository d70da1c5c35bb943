package dev.cleave.cli.failure;

/**
 * Something the user can put right. The message is one line that names the thing, the value and the expectation, and
 * it is all the user sees; the command ends with exit code 1.
 */
public final class UserException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public UserException(String message) {
        super(message);
    }

    public UserException(String message, Throwable cause) {
        super(message, cause);
    }
}
