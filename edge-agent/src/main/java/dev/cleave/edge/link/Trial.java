package dev.cleave.edge.link;

/** One request at one gateway, whose breaker is to hear how it ended. */
public final class Trial {
    private final Endpoint endpoint;
    private final int era;

    Trial(Endpoint endpoint, int era) {
        this.endpoint = endpoint;
        this.era = era;
    }

    Endpoint endpoint() {
        return endpoint;
    }

    /** As {@link Breaker#begun} gave it. */
    int era() {
        return era;
    }
}
