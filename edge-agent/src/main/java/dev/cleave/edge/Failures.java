package dev.cleave.edge;

import dev.cleave.edge.InferenceException.Reason;
import dev.cleave.edge.events.Fallback.Cause;
import dev.cleave.edge.link.LinkFailure;

/** What a failure of the link means to the caller and to the listener. */
final class Failures {
    private Failures() {}

    static Reason reason(LinkFailure failure) {
        return switch (failure.kind()) {
            case UNAVAILABLE -> Reason.UNAVAILABLE;
            case REFUSED, OVERLOADED -> Reason.REFUSED;
            case DEADLINE -> Reason.DEADLINE;
            case EXECUTION -> Reason.EXECUTION;
            case CANCELLED -> Reason.CANCELLED;
        };
    }

    static Cause cause(LinkFailure failure) {
        return switch (failure.kind()) {
            case UNAVAILABLE -> Cause.LINK_DOWN;
            case REFUSED -> Cause.REFUSED;
            case OVERLOADED, DEADLINE, EXECUTION, CANCELLED -> Cause.GATEWAY_ERROR;
        };
    }
}
