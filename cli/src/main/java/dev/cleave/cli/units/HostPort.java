package dev.cleave.cli.units;

import java.net.InetSocketAddress;

/**
 * A host and a port, {@code gateway.example:8500}, {@code [::1]:8500}; not resolved yet.
 *
 * @param host a name or an address, without brackets; null for a bare port
 * @param port 0 to 65535
 */
public record HostPort(String host, int port) {
    private static final int MAX_PORT = 65_535;

    /** @throws IllegalArgumentException naming the text and the expectation */
    public static HostPort parse(String text) {
        int colon = text.lastIndexOf(':');
        String host = colon < 0 ? null : text.substring(0, colon);
        String port = text.substring(colon + 1);
        boolean bracketed = host != null && host.startsWith("[") && host.endsWith("]");
        boolean hostIsFine = host == null || bracketed || !host.isBlank() && host.indexOf(':') < 0;
        if (!hostIsFine || !port.matches("\\d{1,5}") || Integer.parseInt(port) > MAX_PORT) {
            throw new IllegalArgumentException(
                    "\"" + text + "\" is not HOST:PORT; expected one such as 127.0.0.1:8500, ports 0 to 65535");
        }
        return new HostPort(bracketed ? host.substring(1, host.length() - 1) : host, Integer.parseInt(port));
    }

    /** {@code this}, or the same port on {@code fallback} where no host was given. */
    public HostPort orHost(String fallback) {
        return host == null ? new HostPort(fallback, port) : this;
    }

    /** The address, looked up now. May be unresolved. */
    public InetSocketAddress resolve() {
        return new InetSocketAddress(host, port);
    }

    @Override
    public String toString() {
        return host == null ? Integer.toString(port) : (host.indexOf(':') < 0 ? host : "[" + host + "]") + ":" + port;
    }
}
