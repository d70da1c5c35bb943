package dev.cleave.edge.policy;

/**
 * What becomes of a request that is meant for the gateway, and finds no room on the way there: frames wait for the gateway's credit
 * already, or what is ahead takes too long ({@link UplinkRoom}).
 */
public enum Overflow {
    /** It is answered on the device, also where it would only have to wait longer than the device takes; where that is not possible it waits. */
    LOCAL,
    /**
     * It waits for its turn, until the local run has to start. Where it would wait in vain, or too many bytes wait already, it is answered on the
     * device at once, and refused where that is not possible.
     */
    WAIT,
    /** It is refused. */
    REJECT,
    /** In streams alone: it waits, and what waited before it and was not sent yet gives way to it. */
    LATEST
}
