package dev.cleave.edge.events;

/** Where an answer was made. */
public enum Source {
    /** On the device alone: point k+1. */
    LOCAL,
    /** Head on the device, tail on the gateway: points 1..k. */
    SPLIT,
    /** On the gateway alone: point 0. */
    CLOUD
}
