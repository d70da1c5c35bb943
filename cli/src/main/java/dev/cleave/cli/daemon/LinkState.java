package dev.cleave.cli.daemon;

import dev.cleave.edge.events.AgentListener;

/** Whether there is a gateway just now. Thread-safe. */
final class LinkState implements AgentListener {
    private volatile boolean up;

    @Override
    public void linkUp(String gateway, String gatewayVersion) {
        up = true;
    }

    @Override
    public void linkDown(String gateway, String reason) {
        up = false;
    }

    boolean isUp() {
        return up;
    }
}
