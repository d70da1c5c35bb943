package dev.cleave.gateway.config;

/** Whether a model's points share their last segments, so that requests at one point join runs that began at an earlier one. */
public enum MixedCuts {
    /** Unless a session for each point takes clearly less time, which is measured in a process of its own before a model is loaded. */
    AUTO,
    /** With one copy of the weights. */
    ALWAYS,
    /** Each point has a session of its own, with its own weights. */
    NEVER;

    /** @throws IllegalArgumentException for a text that is none of the names */
    static MixedCuts of(String name) {
        return Words.of("mixedCuts", name, values());
    }
}
