package dev.cleave.edge;

import dev.cleave.edge.link.GatewayStream;

/**
 * Where a gateway keeps something of one stream, a state or frames of a video, and is told when that is of no use any more. Thread-safe.
 */
final class KeptAtGateway {
    private final long stream;
    // Guarded by this.
    /** Null while nothing is kept; what an earlier connection had is gone with it. */
    private GatewayStream connection;

    private boolean closed;

    /** @param stream unique within the agent, not 0 */
    KeptAtGateway(long stream) {
        this.stream = stream;
    }

    /** A frame of which something is kept is about to be sent over this connection. */
    synchronized void sending(GatewayStream open) {
        connection = open;
    }

    /** The stream is closed, and its frames have ended. */
    void close() {
        GatewayStream keeping;
        synchronized (this) {
            closed = true;
            keeping = connection;
        }
        forget(keeping);
    }

    /** A frame has ended. One that was about to be sent when the stream was closed is behind the word of that, which is said again. */
    void frameEnded() {
        GatewayStream keeping;
        synchronized (this) {
            keeping = closed ? connection : null;
        }
        forget(keeping);
    }

    private void forget(GatewayStream keeping) {
        if (keeping != null) {
            keeping.forget(stream);
        }
    }
}
