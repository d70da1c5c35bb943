package dev.cleave.sample.agent;

import java.util.Objects;

/**
 * Whether the device has come to another network, from what the system tells of the default one. The first network is no
 * change, nor is that there is none any more, as there is nothing to connect by; whatever comes after that is one, be it the
 * same as before. Pure; not thread-safe.
 */
final class NetworkChange {
    private boolean seen;
    private Object current;

    /** Told that this is the default network now; returns whether that is a change. */
    boolean available(Object network) {
        boolean change = seen && !Objects.equals(network, current);
        seen = true;
        current = network;
        return change;
    }

    /** Told that there is no default network. */
    void lost() {
        seen = true;
        current = null;
    }
}
