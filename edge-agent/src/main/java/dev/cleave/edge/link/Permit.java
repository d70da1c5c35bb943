package dev.cleave.edge.link;

/**
 * One request's permit to try a gateway, of that gateway's {@link Breaker}: given back when the request ends, with how it ended
 * ({@link GatewayLink#ended}) or without a word of that ({@link GatewayLink#withdrawn}).
 */
public final class Permit {
    private final Endpoint endpoint;
    private final int era;

    Permit(Endpoint endpoint, int era) {
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
