package dev.cleave.partition.edge;

/** Whether devices are to run integers. */
public enum EdgeMode {
    /** The float model. */
    NEVER,
    /** Integers where they are faster on this machine and hold the accuracy budget. */
    AUTO,
    /** Integers where they hold the accuracy budget, faster or not. */
    ALWAYS
}
