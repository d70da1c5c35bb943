package dev.cleave.edge.link;

import dev.cleave.tls.TlsFault;
import io.grpc.Status;

/**
 * What the status that ended a stream means. Identity that was not accepted, on either side, is a refusal: it is named,
 * and tried again only at the longest interval. Everything else is a link that is down. Pure.
 */
final class StreamFailure {
    /** Causes can go in circles. */
    private static final int MAX_DEPTH = 20;

    private StreamFailure() {}

    static LinkFailure of(Status status) {
        String identity = identityFault(status);
        if (identity != null) {
            return LinkFailure.refused("no trusted connection to the gateway: " + identity);
        }
        String text = status.getDescription() == null ? "" : ": " + LinkFailure.line(status.getDescription());
        LinkFailure.Kind kind = switch (status.getCode()) {
            case UNAUTHENTICATED, PERMISSION_DENIED, UNIMPLEMENTED -> LinkFailure.Kind.REFUSED;
            default -> LinkFailure.Kind.UNAVAILABLE;
        };
        return new LinkFailure(
                kind, "stream to the gateway ended with " + status.getCode() + text + reason(status.getCause()));
    }

    /** "io exception" alone does not tell a gateway that is down from a port that speaks something else. */
    private static String reason(Throwable cause) {
        Throwable root = cause;
        for (int depth = 0; root != null && root.getCause() != null && depth < MAX_DEPTH; depth++) {
            root = root.getCause();
        }
        return root == null || root.getMessage() == null ? "" : " (" + LinkFailure.line(root.getMessage()) + ")";
    }

    /** Null if TLS is not to blame. */
    private static String identityFault(Status status) {
        String fault = TlsFault.of(status.getCause());
        return fault == null ? TlsFault.alert(status.getDescription()) : fault;
    }
}
