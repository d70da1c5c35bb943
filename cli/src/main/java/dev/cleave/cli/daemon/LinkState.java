package dev.cleave.cli.daemon;

import dev.cleave.edge.events.AgentListener;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Whether there is a gateway just now; each change is a line in the log. Thread-safe. */
final class LinkState implements AgentListener {
    private static final Logger LOG = LoggerFactory.getLogger(LinkState.class);

    private volatile boolean up;
    private volatile boolean ending;

    @Override
    public void linkUp(String gateway, String gatewayVersion) {
        up = true;
        LOG.info("{} is the gateway, version {}", gateway, gatewayVersion);
    }

    @Override
    public void linkDown(String gateway, String reason) {
        up = false;
        if (!ending) {
            LOG.warn("{} is the gateway no more: {}", gateway, reason);
        }
    }

    /** From now on the gateway is left on purpose. */
    void end() {
        ending = true;
    }

    boolean isUp() {
        return up;
    }
}
