package dev.cleave.gateway.oip;

import dev.cleave.gateway.exec.Refusal;

/** A request that gets no outputs. The message is one line: the thing, the value, the expectation. */
public final class OipException extends Exception {
    private static final long serialVersionUID = 1L;

    private final Fault fault;
    private final long retryAfterNanos;

    public OipException(Fault fault, String message) {
        this(fault, message, 0, null);
    }

    public OipException(Fault fault, String message, Throwable cause) {
        this(fault, message, 0, cause);
    }

    private OipException(Fault fault, String message, long retryAfterNanos, Throwable cause) {
        super(message, cause);
        this.fault = fault;
        this.retryAfterNanos = retryAfterNanos;
    }

    static OipException of(Refusal refusal) {
        String message = refusal.message() == null ? "no reason is known" : refusal.message();
        return new OipException(Fault.of(refusal.code()), message, refusal.retryAfterNanos(), null);
    }

    /** For one that says what is wrong with what the protocol or the model takes. */
    public static OipException malformed(String message) {
        return new OipException(Fault.MALFORMED, message);
    }

    public Fault fault() {
        return fault;
    }

    /** When it is worth coming back; 0: unknown. */
    public long retryAfterNanos() {
        return retryAfterNanos;
    }

    Refusal refusal() {
        return new Refusal(fault.code(), getMessage(), retryAfterNanos);
    }
}
