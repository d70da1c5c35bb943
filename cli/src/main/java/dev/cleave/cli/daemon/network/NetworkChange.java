package dev.cleave.cli.daemon.network;

/**
 * Whether this machine has come to other networks, from looks at them one after another. A state machine without a clock; for one
 * thread.
 *
 * <p>A change of network is many changes of addresses and routes, within a second or two. So what is seen counts once it has been
 * seen twice running. That there is no network is no reason to connect anew; that there is one again is, also if it is the one from before:
 * what was connected over it may have ended meanwhile.
 */
final class NetworkChange {
    private Networks inForce;
    private Networks last;

    /** @param first what the machine is on at the beginning */
    NetworkChange(Networks first) {
        inForce = first;
        last = first;
    }

    /** True if connections are to be made anew; once for each change. */
    boolean seen(Networks now) {
        boolean settled = now.equals(last);
        last = now;
        if (!settled || now.equals(inForce)) {
            return false;
        }
        inForce = now;
        return !now.isEmpty();
    }
}
