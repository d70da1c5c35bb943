package dev.cleave.cli.daemon.network;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InterfaceAddress;
import java.net.NetworkInterface;
import java.util.Collections;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * What a connection to elsewhere depends on: this machine's addresses, and where packets to the rest of the world go. Immutable.
 *
 * @param addresses each with its interface, {@code wlan0 192.168.1.5}; without those that reach no further than the link,
 *     which containers come and go with
 * @param routes {@link DefaultRoutes}; empty where the system does not tell them in files
 */
record Networks(SortedSet<String> addresses, SortedSet<String> routes) {
    Networks {
        addresses = Collections.unmodifiableSortedSet(new TreeSet<>(addresses));
        routes = Collections.unmodifiableSortedSet(new TreeSet<>(routes));
    }

    static Networks of(List<String> addresses, List<String> routes) {
        return new Networks(new TreeSet<>(addresses), new TreeSet<>(routes));
    }

    /** Those of now. */
    static Networks read() throws IOException {
        SortedSet<String> addresses = new TreeSet<>();
        for (NetworkInterface each : Collections.list(NetworkInterface.getNetworkInterfaces())) {
            if (each.isUp() && !each.isLoopback()) {
                for (InterfaceAddress bound : each.getInterfaceAddresses()) {
                    add(addresses, each.getName(), bound.getAddress());
                }
            }
        }
        return new Networks(addresses, DefaultRoutes.read());
    }

    private static void add(SortedSet<String> addresses, String network, InetAddress address) {
        if (!address.isLinkLocalAddress() && !address.isLoopbackAddress()) {
            String text = address.getHostAddress();
            int zone = text.indexOf('%');
            addresses.add(network + " " + (zone < 0 ? text : text.substring(0, zone)));
        }
    }

    /** Whether there is nothing but this machine. */
    boolean isEmpty() {
        return addresses.isEmpty();
    }

    @Override
    public String toString() {
        String where = isEmpty() ? "no address" : String.join(", ", addresses);
        return routes.isEmpty() ? where : where + "; default route " + String.join(", ", routes);
    }
}
