package dev.cleave.gateway.oip;

import dev.cleave.v1.Error;

/** Why a request gets no outputs, whatever it came by. */
public enum Fault {
    /** Not what the protocol or the model takes. */
    MALFORMED(Error.Code.MALFORMED_FRAME),
    /** No such model, version or point. */
    NOT_FOUND(Error.Code.POINT_NOT_SERVED),
    /** More bytes or rows than are taken. */
    TOO_LARGE(Error.Code.LIMIT_EXCEEDED),
    /** As much as may be is under way, for the gateway or for its caller; worth another try. */
    OVERLOADED(Error.Code.OVERLOADED),
    /** Something of the protocol that is not there, or not for this model. */
    UNSUPPORTED(Error.Code.PROTOCOL_VIOLATION),
    /** The model is loading, could not be loaded, or is shutting down. */
    UNAVAILABLE(Error.Code.DRAINING),
    /** The answer could not be made in time. */
    DEADLINE(Error.Code.DEADLINE_EXCEEDED),
    /** The caller went away. */
    CANCELLED(Error.Code.CANCELLED),
    /** The run failed. */
    FAILED(Error.Code.EXECUTION_FAILED);

    private final Error.Code code;

    Fault(Error.Code code) {
        this.code = code;
    }

    /** What the same is called between agents and gateway, and in metrics. */
    Error.Code code() {
        return code;
    }

    static Fault of(Error.Code code) {
        return switch (code) {
            case MALFORMED_FRAME -> MALFORMED;
            case POINT_NOT_SERVED, PRIVACY_FLOOR, BUNDLE_NOT_SERVED -> NOT_FOUND;
            case LIMIT_EXCEEDED -> TOO_LARGE;
            case OVERLOADED -> OVERLOADED;
            case DRAINING -> UNAVAILABLE;
            case DEADLINE_EXCEEDED -> DEADLINE;
            case CANCELLED -> CANCELLED;
            default -> FAILED;
        };
    }
}
