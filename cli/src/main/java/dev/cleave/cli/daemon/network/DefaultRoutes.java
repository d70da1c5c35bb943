package dev.cleave.cli.daemon.network;

import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * Where packets to the rest of the world go, as Linux tells it in {@code /proc/net/route} and {@code /proc/net/ipv6_route}: one
 * {@code wlan0 via 192.168.1.1} for each default route.
 */
final class DefaultRoutes {
    private static final Path VERSION_4 = Path.of("/proc/net/route");
    private static final Path VERSION_6 = Path.of("/proc/net/ipv6_route");
    private static final String LOOPBACK = "lo";
    private static final String BLANKS = "\\s+";

    private DefaultRoutes() {}

    /** Those of now; none where the files are absent. */
    static SortedSet<String> read() throws IOException {
        SortedSet<String> routes = new TreeSet<>();
        routes.addAll(version4(lines(VERSION_4)));
        routes.addAll(version6(lines(VERSION_6)));
        return routes;
    }

    private static List<String> lines(Path file) throws IOException {
        try {
            return Files.readAllLines(file);
        } catch (NoSuchFileException absent) {
            return List.of();
        }
    }

    /** Of lines {@code interface destination gateway flags ..}, addresses as hex with the lowest byte of the address last. */
    static Collection<String> version4(List<String> lines) throws IOException {
        SortedSet<String> routes = new TreeSet<>();
        for (String line : lines) {
            String[] fields = line.strip().split(BLANKS);
            boolean isDefault = fields.length > 7 && fields[1].equals("00000000") && fields[7].equals("00000000");
            if (isDefault && !fields[0].equals(LOOPBACK) && fields[2].matches("[0-9A-Fa-f]{8}")) {
                routes.add(fields[0] + via(reversed(bytes(fields[2]))));
            }
        }
        return routes;
    }

    /** Of lines {@code destination bits source bits gateway .. interface}, addresses as hex. */
    static Collection<String> version6(List<String> lines) throws IOException {
        SortedSet<String> routes = new TreeSet<>();
        for (String line : lines) {
            String[] fields = line.strip().split(BLANKS);
            boolean isDefault = fields.length > 9 && fields[0].matches("0{32}") && fields[1].equals("00");
            if (isDefault && !fields[9].equals(LOOPBACK) && fields[4].matches("[0-9A-Fa-f]{32}")) {
                routes.add(fields[9] + via(bytes(fields[4])));
            }
        }
        return routes;
    }

    /** Of a line of which the tunnel is the whole route nothing more is said than its name. */
    private static String via(byte[] address) throws IOException {
        InetAddress gateway = InetAddress.getByAddress(address);
        return gateway.isAnyLocalAddress() ? "" : " via " + gateway.getHostAddress();
    }

    private static byte[] bytes(String hex) {
        byte[] bytes = new byte[hex.length() / 2];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) Integer.parseInt(hex.substring(2 * i, 2 * i + 2), 16);
        }
        return bytes;
    }

    private static byte[] reversed(byte[] bytes) {
        byte[] other = new byte[bytes.length];
        for (int i = 0; i < bytes.length; i++) {
            other[i] = bytes[bytes.length - 1 - i];
        }
        return other;
    }
}
