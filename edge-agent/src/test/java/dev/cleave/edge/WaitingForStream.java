package dev.cleave.edge;

import dev.cleave.edge.link.GatewayLink;
import dev.cleave.edge.link.GatewayStream;
import dev.cleave.edge.link.LinkFailure;

/** What becomes of somebody who waits for a link's stream: one of the two, or neither yet. One thread. */
final class WaitingForStream implements GatewayLink.Waiter {
    GatewayStream stream;
    LinkFailure failure;
    private final boolean patient;

    WaitingForStream(boolean patient) {
        this.patient = patient;
    }

    @Override
    public boolean isPatient() {
        return patient;
    }

    @Override
    public void opened(GatewayStream open) {
        stream = open;
    }

    @Override
    public void unavailable(LinkFailure why) {
        failure = why;
    }
}
