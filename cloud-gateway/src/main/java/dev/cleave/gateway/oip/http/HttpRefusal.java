package dev.cleave.gateway.oip.http;

import dev.cleave.gateway.oip.OipException;
import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.http.HttpHeader;

/** A request that gets an error for an answer. The message is one line. */
final class HttpRefusal extends Exception {
    private static final long serialVersionUID = 1L;
    private static final String RETRY_AT_ONCE = "1";

    private final int status;
    private final HttpHeader header;
    private final String value;

    HttpRefusal(int status, String message) {
        this(status, message, null, null);
    }

    /** @param header one that belongs to the status, such as {@code Allow}; or null */
    HttpRefusal(int status, String message, HttpHeader header, String value) {
        super(message);
        this.status = status;
        this.header = header;
        this.value = value;
    }

    static HttpRefusal of(OipException refused) {
        int status = switch (refused.fault()) {
            case MALFORMED -> 400;
            case NOT_FOUND -> 404;
            case TOO_LARGE -> 413;
            case OVERLOADED -> 429;
            case FAILED -> 500;
            case UNSUPPORTED -> 501;
            case UNAVAILABLE, CANCELLED -> 503;
            case DEADLINE -> 504;
        };
        boolean later = status == 429 || status == 503;
        return new HttpRefusal(
                status,
                refused.getMessage(),
                later ? HttpHeader.RETRY_AFTER : null,
                later ? seconds(refused.retryAfterNanos()) : null);
    }

    /** One that is worth another try soon. */
    static HttpRefusal overloaded(String message) {
        return new HttpRefusal(429, message, HttpHeader.RETRY_AFTER, RETRY_AT_ONCE);
    }

    /** HTTP counts whole seconds; nobody is to come back earlier than that. */
    private static String seconds(long nanos) {
        return Long.toString(Math.max(1, TimeUnit.NANOSECONDS.toSeconds(nanos + 999_999_999L)));
    }

    int status() {
        return status;
    }

    /** Null if there is none. */
    HttpHeader header() {
        return header;
    }

    String value() {
        return value;
    }
}
