package dev.cleave.edge.identity;

import java.util.regex.Pattern;

/** Names and addresses by which a machine reaches itself, told without asking anybody for an address. */
final class LoopbackHost {
    private static final Pattern IPV4 = Pattern.compile("127(\\.\\d{1,3}){3}");

    private LoopbackHost() {}

    /** @param host a name, an IPv4 address, or an IPv6 address without brackets */
    static boolean is(String host) {
        return host.equalsIgnoreCase("localhost")
                || host.equals("::1")
                || IPV4.matcher(host).matches();
    }
}
