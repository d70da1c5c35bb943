package dev.cleave.gateway.model;

/** Where a version of a model stands; docs/REPOSITORY.md draws the ways between. */
public enum ModelState {
    /** Lies in the models directory and is not asked for. */
    UNLOADED,
    /** Is being read, loaded or warmed. */
    LOADING,
    READY,
    /** Finishes what is queued, takes nothing new. */
    DRAINING,
    /** Cannot be served; its status says why. */
    FAILED
}
