package dev.cleave.tls;

import java.security.cert.CertPathBuilderException;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateNotYetValidException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Why two sides did not come to trust each other, in words for the one that called; "it" is the other side. Pure. */
public final class TlsFault {
    /** Causes can go in circles. */
    private static final int MAX_DEPTH = 20;

    private static final int MAX_CHARACTERS = 300;
    private static final Pattern ALERT = Pattern.compile("(?i:fatal alert: )(\\w+)");

    private TlsFault() {}

    /**
     * What a failure says of it. The innermost cause knows most. In TLS 1.3 the other side's alert comes after the handshake: a transport that was writing meanwhile
     * has it beside what the write failed of.
     *
     * @param failure or null
     * @return one line; null if TLS is not to blame
     */
    public static String of(Throwable failure) {
        String fault = null;
        Throwable at = failure;
        for (int depth = 0; at != null && depth < MAX_DEPTH; depth++) {
            for (Throwable beside : at.getSuppressed()) {
                String here = ofOne(beside);
                fault = here == null ? fault : here;
            }
            String here = ofOne(at);
            fault = here == null ? fault : here;
            at = at.getCause();
        }
        return fault;
    }

    private static String ofOne(Throwable at) {
        String text = at.getMessage() == null ? "" : line(at.getMessage());
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

    /**
     * The other side's word about this one's certificate, by the names of RFC 8446, section 6.2.
     *
     * @param text what a library says of it, or null
     * @return one line; null if there is no alert in the text
     */
    public static String alert(String text) {
        Matcher matcher = ALERT.matcher(text == null ? "" : line(text));
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

    /** Foreign text as one bounded line. */
    private static String line(String text) {
        int length = Math.min(text.length(), MAX_CHARACTERS);
        StringBuilder line = new StringBuilder(length);
        for (int i = 0; i < length; i++) {
            char c = text.charAt(i);
            line.append(Character.isISOControl(c) ? ' ' : c);
        }
        return line.toString();
    }
}
