package dev.cleave.edge.link;

import dev.cleave.v1.Error;
import java.util.List;
import java.util.Objects;

/** Why a request got no answer over the link: a value, not an exception. {@code message} is one line for people. */
public record LinkFailure(Kind kind, String message) {
    /** What a caller may want to tell apart. */
    public enum Kind {
        /** No stream, or it ended first. */
        UNAVAILABLE,
        /** Nothing comes from the gateway any more; the connection may be dead without knowing it. */
        SILENT,
        /** The gateway does not serve this bundle, point, size or device, or the frame. */
        REFUSED,
        /** The frame was coded against another that the gateway does not hold (any more). */
        REFERENCE_LOST,
        /** The frame continues a state that the gateway does not keep (any more). */
        STATE_LOST,
        /** The gateway has too much to do. */
        OVERLOADED,
        /** The gateway found the deadline passed. */
        DEADLINE,
        /** The tail failed. */
        EXECUTION,
        /** The gateway says that the request was cancelled. */
        CANCELLED
    }

    public LinkFailure {
        Objects.requireNonNull(kind, "kind");
        Objects.requireNonNull(message, "message");
    }

    /** Whether the gateway got the request and made nothing of it. */
    public boolean isGatewaysFault() {
        return switch (kind) {
            case REFUSED, OVERLOADED, DEADLINE, EXECUTION -> true;
            case UNAVAILABLE, SILENT, CANCELLED, REFERENCE_LOST, STATE_LOST -> false;
        };
    }

    /** Whether the request, unanswered, is lost with its stream: another gateway may answer it. */
    public boolean isOfLink() {
        return kind == Kind.UNAVAILABLE || kind == Kind.SILENT;
    }

    /**
     * Why none of several addresses can be used; one line.
     *
     * @param failures one or more; the first that is no refusal by name says what kind all are
     */
    static LinkFailure all(List<LinkFailure> failures) {
        Kind kind = failures.get(0).kind();
        StringBuilder message = new StringBuilder(failures.get(0).message());
        for (LinkFailure failure : failures.subList(1, failures.size())) {
            kind = kind == Kind.REFUSED ? failure.kind() : kind;
            message.append("; ").append(failure.message());
        }
        return new LinkFailure(kind, message.toString());
    }

    static LinkFailure unavailable(String message) {
        return new LinkFailure(Kind.UNAVAILABLE, message);
    }

    static LinkFailure silent(String message) {
        return new LinkFailure(Kind.SILENT, message);
    }

    static LinkFailure refused(String message) {
        return new LinkFailure(Kind.REFUSED, message);
    }

    /** What a gateway's error means; its message is clipped and stripped of control characters: it ends in logs. */
    static LinkFailure of(Error error) {
        return new LinkFailure(kind(error.getCode()), "gateway: " + error.getCode() + ": " + line(error.getMessage()));
    }

    private static Kind kind(Error.Code code) {
        return switch (code) {
            case DEADLINE_EXCEEDED -> Kind.DEADLINE;
            case CANCELLED -> Kind.CANCELLED;
            case OVERLOADED -> Kind.OVERLOADED;
            case DRAINING -> Kind.UNAVAILABLE;
            case EXECUTION_FAILED -> Kind.EXECUTION;
            case REFERENCE_LOST -> Kind.REFERENCE_LOST;
            case STATE_LOST -> Kind.STATE_LOST;
            default -> Kind.REFUSED;
        };
    }

    /** Foreign text as one bounded line. */
    static String line(String text) {
        int length = Math.min(text.length(), 300);
        StringBuilder line = new StringBuilder(length);
        for (int i = 0; i < length; i++) {
            char c = text.charAt(i);
            line.append(Character.isISOControl(c) ? ' ' : c);
        }
        return line.toString();
    }
}
