package dev.cleave.gateway.repository;

/** An operator's request that cannot be met. The message is one line: the thing, the value, the expectation. */
public final class RepositoryException extends Exception {
    private static final long serialVersionUID = 1L;

    /** What kind of request it was. */
    public enum Kind {
        /** Names something that is none. */
        MALFORMED,
        /** Names what is not there. */
        NOT_FOUND,
        /** Cannot be met as things stand. */
        CONFLICT,
        /** Brings more than is taken. */
        TOO_LARGE
    }

    private final Kind kind;

    public RepositoryException(Kind kind, String message) {
        super(message);
        this.kind = kind;
    }

    public Kind kind() {
        return kind;
    }
}
