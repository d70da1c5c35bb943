package dev.cleave.cli.failure;

/**
 * The work was done, but a check or budget that was asked for did not hold, or requests failed; exit code 3. Thrown
 * after the verb has printed its result. The message says which check, its value and its limit.
 */
public final class CheckFailedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public CheckFailedException(String message) {
        super(message);
    }
}
