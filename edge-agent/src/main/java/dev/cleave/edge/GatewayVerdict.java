package dev.cleave.edge;

import dev.cleave.edge.link.GatewayLink;
import dev.cleave.edge.link.GatewayStream;
import dev.cleave.edge.link.Permit;
import java.util.concurrent.atomic.AtomicReference;

/** What one request will say of the gateway that it was sent to, for the breaker, when it ends. Thread-safe. */
final class GatewayVerdict {
    private volatile boolean failed;
    private volatile boolean answered;
    /** At the gateway that the frame was last sent to; null while it was sent to none, and when all is told. */
    private final AtomicReference<Permit> permit = new AtomicReference<>();

    /** The frame is about to be sent over this stream. */
    void begun(GatewayLink link, GatewayStream stream) {
        withdraw(link);
        permit.set(link.begun(stream));
    }

    /** The device had to help itself, or the gateway answered with an error. */
    void failed() {
        failed = true;
    }

    void answered() {
        answered = true;
    }

    /** At the end, and again if the frame was sent meanwhile. */
    void tell(GatewayLink link) {
        if (!failed && !answered) {
            withdraw(link);
            return;
        }
        Permit ended = permit.getAndSet(null);
        if (ended != null) {
            link.ended(ended, !failed);
        }
    }

    /** The gateway that it was sent to is not to blame for what comes of it. */
    void withdraw(GatewayLink link) {
        Permit withdrawn = permit.getAndSet(null);
        if (withdrawn != null) {
            link.withdrawn(withdrawn);
        }
    }
}
