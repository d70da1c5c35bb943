package dev.cleave.cli.daemon.http;

/** A request that gets no answer. The message is one line. */
final class HttpRefusal extends Exception {
    private static final long serialVersionUID = 1L;

    private final int status;
    private final String header;
    private final String value;

    HttpRefusal(int status, String message) {
        this(status, message, null, null);
    }

    /** @param header one that belongs to the status, such as {@code Retry-After} */
    HttpRefusal(int status, String message, String header, String value) {
        super(message);
        this.status = status;
        this.header = header;
        this.value = value;
    }

    int status() {
        return status;
    }

    /** Null if there is none. */
    String header() {
        return header;
    }

    String value() {
        return value;
    }
}
