package dev.cleave.partition.edge;

/** Whether devices are to run integers. */
public enum EdgeMode {
    /** The float model. */
    NEVER,
    /** Integers as far from the inputs on as the accuracy budget holds, if that is faster on this machine. */
    AUTO,
    /** Integers with the fewest nodes in float with which the accuracy budget holds, faster or not. */
    ALWAYS
}
