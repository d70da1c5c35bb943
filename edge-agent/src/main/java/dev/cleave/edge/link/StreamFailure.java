package dev.cleave.edge.link;

import io.grpc.Status;
import java.security.cert.CertPathBuilderException;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateNotYetValidException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What the status that ended a stream means. Identity that was not accepted, on either side, is a refusal: it is named,
 * and tried again only at the longest interval. Everything else is a link that is down. Pure.
 */
final class StreamFailure {
    /** Causes can go in circles. */
    private static final int MAX_DEPTH = 20;

    private static final Pattern ALERT = Pattern.compile("(?i:fatal alert: )(\\w+)");

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

    /**
     * Null if certificates are not to blame. The innermost cause knows most. In TLS 1.3 the gateway's alert comes after the handshake:
     * a transport that was writing meanwhile has it beside what the write failed of, or in words alone.
     */
    private static String identityFault(Status status) {
        String text = status.getDescription();
        String fault = text == null ? null : alert(LinkFailure.line(text));
        Throwable at = status.getCause();
        for (int depth = 0; at != null && depth < MAX_DEPTH; depth++) {
            for (Throwable beside : at.getSuppressed()) {
                String here = faultOf(beside);
                fault = here == null ? fault : here;
            }
            String here = faultOf(at);
            fault = here == null ? fault : here;
            at = at.getCause();
        }
        return fault;
    }

    private static String faultOf(Throwable at) {
        String text = at.getMessage() == null ? "" : LinkFailure.line(at.getMessage());
        if (at instanceof CertificateExpiredException) {
            return "its certificate has expired (" + text + ")";
        }
        if (at instanceof CertificateNotYetValidException) {
            return "its certificate is not valid yet, or this device's clock is slow (" + text + ")";
        }
        if (at instanceof CertPathBuilderException || at instanceof CertPathValidatorException) {
            return "its certificate leads to no root that this device trusts (" + text + ")";
        }
        if (at instanceof CertificateException || text.startsWith("Cannot verify hostname")) {
            return "its certificate is not accepted (" + text + ")";
        }
        return alert(text);
    }

    /** The gateway's word about this device's certificate, by the names of RFC 8446, section 6.2. */
    private static String alert(String text) {
        Matcher matcher = ALERT.matcher(text);
        if (!matcher.find()) {
            return null;
        }
        String name = matcher.group(1);
        switch (name) {
            case "certificate_required":
            case "bad_certificate": // what Java's TLS says in place of certificate_required
                return "it asks this device for a certificate that it accepts (" + name + ")";
            case "unsupported_certificate":
            case "certificate_revoked":
            case "certificate_expired":
            case "certificate_unknown":
            case "unknown_ca":
            case "access_denied":
                return "it does not accept this device's certificate (" + name + ")";
            default:
                return "the two could not agree on TLS (" + name + ")";
        }
    }
}
