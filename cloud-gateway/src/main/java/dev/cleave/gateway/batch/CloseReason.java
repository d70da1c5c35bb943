package dev.cleave.gateway.batch;

/** Why a batch was closed, in the order in which {@link DynamicBatcher} asks. */
public enum CloseReason {
    /** It holds the maximum, or the next task in line does not fit. */
    FULL,
    /** The gateway is draining and waits for nobody. */
    DRAIN,
    /** An executor was idle and no delay was asked for. */
    IDLE,
    /** The oldest task has waited as long as the queue delay allows. */
    DELAY,
    /** A preferred size was reached. */
    PREFERRED,
    /** The tasks that wait behind it cannot join it. */
    SHAPE,
    /** Waiting longer would make a member miss its deadline. */
    DEADLINE
}
