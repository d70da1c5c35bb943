package dev.cleave.edge;

import dev.cleave.edge.link.GatewayLink;

/** What one request will say of the gateway when it ends, for the breaker. Thread-safe. */
final class GatewayVerdict {
    private volatile boolean failed;
    private volatile boolean answered;
    /** As {@link GatewayLink#begun} gave it; null if the gateway was never tried. */
    private volatile Integer begunIn;

    void begun(GatewayLink link) {
        begunIn = link.begun();
    }

    /** The device had to help itself, or the gateway answered with an error. */
    void failed() {
        failed = true;
    }

    void answered() {
        answered = true;
    }

    /** Once, at the end. */
    void tell(GatewayLink link) {
        Integer begun = begunIn;
        if (begun == null) {
            return;
        }
        if (failed || answered) {
            link.ended(begun, !failed);
        } else {
            link.withdrawn(begun);
        }
    }
}
