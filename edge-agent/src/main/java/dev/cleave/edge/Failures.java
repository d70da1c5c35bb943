package dev.cleave.edge;

import dev.cleave.edge.InferenceException.Reason;
import dev.cleave.edge.events.Fallback.Cause;
import dev.cleave.edge.link.LinkFailure;
import java.util.concurrent.TimeUnit;

/** Words for the failures of one request. Immutable. */
final class Failures {
    private final AgentParts agent;
    private final long id;
    private final int point;
    private final long deadlineNanos;

    /** @param deadlineNanos from the request's start */
    Failures(AgentParts agent, long id, int point, long deadlineNanos) {
        this.agent = agent;
        this.id = id;
        this.point = point;
        this.deadlineNanos = deadlineNanos;
    }

    InferenceException closed() {
        return new InferenceException(Reason.CLOSED, "request " + id + ": agent is closed");
    }

    InferenceException execution(Throwable cause) {
        return new InferenceException(Reason.EXECUTION, "request " + id + ": " + cause.getMessage(), cause);
    }

    InferenceException link(LinkFailure failure) {
        return new InferenceException(reason(failure), "request " + id + ": " + failure.message() + localImpossible());
    }

    /** @param cause null if it is the time alone */
    InferenceException deadline(String waitingFor, Throwable cause) {
        return new InferenceException(
                Reason.DEADLINE,
                "request " + id + " at split point " + point + " has no answer within "
                        + TimeUnit.NANOSECONDS.toMillis(deadlineNanos) + " ms; it was waiting for " + waitingFor
                        + localImpossible(),
                cause);
    }

    /** @param what was not run as it would not end in time */
    InferenceException notBegun(String what, long takesNanos, long leftNanos) {
        return new InferenceException(
                Reason.DEADLINE,
                "request " + id + " at split point " + point + " has " + TimeUnit.NANOSECONDS.toMillis(leftNanos)
                        + " ms left of " + TimeUnit.NANOSECONDS.toMillis(deadlineNanos) + "; " + what
                        + ", which takes about " + TimeUnit.NANOSECONDS.toMillis(takesNanos) + " ms, was not begun");
    }

    /** Why this request could not be finished here, as the end of a message; empty if it could. */
    private String localImpossible() {
        if (!agent.contract().stateAfter(point).isEmpty()) {
            return "; LOCAL in its place is not possible: the gateway keeps state \""
                    + agent.contract().stateAfter(point).get(0).input() + "\"";
        }
        if (agent.canFallBack()) {
            return "";
        }
        return agent.localFallback()
                ? "; LOCAL is not available: this view of the bundle ends at point "
                        + agent.head().through() + " of " + agent.contract().local()
                : "; LOCAL in its place is switched off";
    }

    private static Reason reason(LinkFailure failure) {
        return switch (failure.kind()) {
            case UNAVAILABLE, SILENT -> Reason.UNAVAILABLE;
            case REFUSED, REFERENCE_LOST, STATE_LOST, OVERLOADED -> Reason.REFUSED;
            case DEADLINE -> Reason.DEADLINE;
            case EXECUTION -> Reason.EXECUTION;
            case CANCELLED -> Reason.CANCELLED;
        };
    }

    /** What the listener is told when the device takes over. */
    static Cause cause(LinkFailure failure) {
        return switch (failure.kind()) {
            case UNAVAILABLE, SILENT -> Cause.LINK_DOWN;
            case REFUSED -> Cause.REFUSED;
            case REFERENCE_LOST, STATE_LOST, OVERLOADED, DEADLINE, EXECUTION, CANCELLED -> Cause.GATEWAY_ERROR;
        };
    }
}
