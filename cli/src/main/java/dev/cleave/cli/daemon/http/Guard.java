package dev.cleave.cli.daemon.http;

import com.sun.net.httpserver.Headers;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * Who may ask. With a token, whoever has it. Without one, whoever is on this machine: the server then listens on the
 * loopback address alone, and a request must name that as its host, so that no web page can have a browser ask by a
 * domain of its own that leads here (DNS rebinding). Immutable.
 */
final class Guard {
    private static final Pattern LOOPBACK = Pattern.compile("(localhost|127(\\.\\d{1,3}){3}|\\[::1\\])(:\\d{1,5})?");
    private static final String BEARER = "Bearer ";

    private final byte[] token;

    /** @param token null: none is asked for */
    Guard(String token) {
        this.token = token == null ? null : token.getBytes(StandardCharsets.UTF_8);
    }

    void check(Headers headers) throws HttpRefusal {
        if (token == null) {
            requireLoopback(headers.getFirst("Host"));
        } else if (!isRight(headers.getFirst("Authorization"))) {
            throw new HttpRefusal(
                    401, "no valid token; expected Authorization: Bearer TOKEN", "WWW-Authenticate", "Bearer");
        }
    }

    private static void requireLoopback(String host) throws HttpRefusal {
        if (host == null || !LOOPBACK.matcher(host.toLowerCase(Locale.ROOT)).matches()) {
            throw new HttpRefusal(
                    403, "host is not this machine's loopback address; expected localhost, or a server with a token");
        }
    }

    private boolean isRight(String authorization) {
        return authorization != null
                && authorization.regionMatches(true, 0, BEARER, 0, BEARER.length())
                && MessageDigest.isEqual(
                        token, authorization.substring(BEARER.length()).strip().getBytes(StandardCharsets.UTF_8));
    }
}
