package dev.cleave.gateway.model;

/** Where a bundle file stands. Moves forward only. */
public enum ModelState {
    LOADING,
    READY,
    /** Finishes what is queued, takes nothing new. */
    DRAINING,
    /** Cannot be served; its status says why. */
    FAILED
}
