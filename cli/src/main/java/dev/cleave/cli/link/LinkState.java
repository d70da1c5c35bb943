package dev.cleave.cli.link;

/** Whether the link works. */
public enum LinkState {
    UP,
    /** Connections were reset, and new ones are reset as soon as they are made. */
    DOWN,
    /** Connections look alive, and nothing gets through: what was sent waits, as under TCP on a dead radio link. */
    BLACKHOLE
}
