package dev.cleave.endtoend;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.SplittableRandom;

/**
 * Finds ports that stay free while nobody listens on them: below the range that systems take ports for outgoing
 * connections from. On a port of that range a gateway could not come back once a connection had taken it.
 */
final class FreePort {
    private static final int LOWEST = 15_000;
    private static final int BEYOND = 30_000;
    private static final int TRIES = 100;

    private FreePort() {}

    /** A port that was free just now. */
    static int find() throws IOException {
        SplittableRandom random = new SplittableRandom();
        IOException last = null;
        for (int i = 0; i < TRIES; i++) {
            int port = random.nextInt(LOWEST, BEYOND);
            try (ServerSocket probe = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
                return probe.getLocalPort();
            } catch (IOException taken) {
                last = taken;
            }
        }
        throw last;
    }
}
