package dev.cleave.gateway.config;

/** The gateway cannot start. The message is one line: the thing, the value, the expectation. */
public final class GatewayException extends Exception {
    private static final long serialVersionUID = 1L;

    public GatewayException(String message) {
        super(message);
    }

    public GatewayException(String message, Throwable cause) {
        super(message, cause);
    }
}
