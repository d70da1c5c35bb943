package dev.cleave.edge;

import dev.cleave.bundle.Contract;
import dev.cleave.edge.events.AgentListener;
import dev.cleave.edge.head.HeadRunner;
import dev.cleave.edge.link.GatewayLink;
import dev.cleave.edge.link.Scheduler;

/**
 * What every request of an agent shares.
 *
 * @param link null without a gateway
 * @param localFallback whether a request meant for the gateway may be finished here
 */
record AgentParts(
        Contract contract,
        HeadRunner head,
        GatewayLink link,
        WireCodecs codecs,
        Scheduler scheduler,
        AgentListener listener,
        boolean localFallback,
        OpenCalls calls) {
    boolean canFallBack() {
        return localFallback && head.reachesLocal();
    }
}
