package dev.cleave.gateway.admin;

import dev.cleave.gateway.identity.Device;
import dev.cleave.gateway.identity.DeviceTokens;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.Locale;
import java.util.Set;
import java.util.function.LongSupplier;
import java.util.regex.Pattern;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Who may ask. With a tokens file, whoever shows a token that is in it. Without one, whoever is on this machine, but for web
 * pages: the host that a request names must be the loopback address's own, so that no domain of a page can lead here (DNS
 * rebinding), and what changes something needs a header that a page elsewhere can only send after asking first, which is
 * never answered. Thread-safe.
 */
final class AdminGuard {
    /** What every request that changes something brings, with whatever value. */
    static final String HEADER = "Cleave-Admin";

    private static final Logger LOG = LoggerFactory.getLogger(AdminGuard.class);
    private static final Pattern LOOPBACK = Pattern.compile("(localhost|127(\\.\\d{1,3}){3}|\\[::1\\])(:\\d{1,5})?");
    private static final String BEARER = "Bearer ";
    private static final Set<String> OWN_SITES = Set.of("same-origin", "none");

    private final DeviceTokens tokens;
    private final long reloadNanos;
    private final LongSupplier clock;
    private long readNanos;

    /** @param tokens null: none is asked for */
    AdminGuard(DeviceTokens tokens, long reloadNanos, LongSupplier clock) {
        this.tokens = tokens;
        this.reloadNanos = reloadNanos;
        this.clock = clock;
        this.readNanos = clock.getAsLong();
    }

    /**
     * Who it is that asks.
     *
     * @param changes whether something is to be changed
     * @throws AdminRefusal if he may not
     */
    String check(HttpFields headers, SocketAddress remote, boolean changes) throws AdminRefusal {
        String who = tokens == null ? local(headers, remote) : holder(headers);
        String site = headers.get("Sec-Fetch-Site");
        if (site != null && !OWN_SITES.contains(site)) {
            throw new AdminRefusal(403, "a page of another site asks; expected a tool, or a page of this port");
        }
        if (changes && headers.get(HEADER) == null) {
            throw new AdminRefusal(403, "header " + HEADER + " is missing; expected it with any value");
        }
        return who;
    }

    private static String local(HttpFields headers, SocketAddress remote) throws AdminRefusal {
        String host = headers.get(HttpHeader.HOST);
        if (host == null || !LOOPBACK.matcher(host.toLowerCase(Locale.ROOT)).matches()) {
            throw new AdminRefusal(
                    403,
                    "host is not this machine's loopback address; expected localhost, or a gateway with adminTokens");
        }
        return remote instanceof InetSocketAddress address
                ? address.getAddress().getHostAddress()
                : "local";
    }

    private String holder(HttpFields headers) throws AdminRefusal {
        refresh();
        String authorization = headers.get(HttpHeader.AUTHORIZATION);
        Device holder = authorization != null && authorization.regionMatches(true, 0, BEARER, 0, BEARER.length())
                ? tokens.device(authorization.substring(BEARER.length()).strip())
                : null;
        if (holder == null) {
            throw new AdminRefusal(401, "no token that is known here; expected Authorization: Bearer TOKEN");
        }
        return holder.name();
    }

    private synchronized void refresh() {
        long now = clock.getAsLong();
        if (now - readNanos < reloadNanos) {
            return;
        }
        readNanos = now;
        try {
            tokens.refresh();
        } catch (IOException e) {
            LOG.warn("admin tokens stay as they were: {}", e.getMessage());
        }
    }
}
