package dev.cleave.edge.policy;

/** What becomes of a request that is meant for the gateway while frames wait for the gateway's credit already. */
public enum Overflow {
    /** It is answered on the device; where that is not possible it waits. */
    LOCAL,
    /** It waits for its turn, until the local run has to start; refused where too many bytes wait already. */
    WAIT,
    /** It is refused. */
    REJECT,
    /** In streams alone: it waits, and what waited before it and was not sent yet gives way to it. */
    LATEST
}
