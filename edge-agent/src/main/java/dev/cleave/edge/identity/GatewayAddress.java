package dev.cleave.edge.identity;

import java.util.Locale;

/**
 * Where a gateway listens; not resolved.
 *
 * @param host a name or an address, without brackets, in lower case
 * @param port 1 to 65535
 */
public record GatewayAddress(String host, int port) {
    private static final int MAX_PORT = 65_535;

    /**
     * @param text {@code host:port} or {@code [v6]:port}
     * @throws IllegalArgumentException for anything else, quoting it
     */
    public static GatewayAddress parse(String text) {
        int colon = text.lastIndexOf(':');
        String host = colon < 1 ? "" : text.substring(0, colon);
        boolean bracketed = host.startsWith("[") && host.endsWith("]");
        int port = port(text.substring(colon + 1));
        if (host.trim().isEmpty() || port < 0 || !bracketed && host.indexOf(':') >= 0) {
            throw new IllegalArgumentException("gateway \"" + text + "\"; expected HOST:PORT");
        }
        String bare = bracketed ? host.substring(1, host.length() - 1) : host;
        return new GatewayAddress(bare.toLowerCase(Locale.ROOT), port);
    }

    private static int port(String text) {
        try {
            int port = Integer.parseInt(text);
            return port >= 1 && port <= MAX_PORT ? port : -1;
        } catch (NumberFormatException e) {
            return -1;
        }
    }

    @Override
    public String toString() {
        return (host.indexOf(':') < 0 ? host : "[" + host + "]") + ":" + port;
    }
}
