package dev.cleave.edge;

import dev.cleave.bundle.Contract;
import dev.cleave.edge.events.AgentListener;
import dev.cleave.edge.events.Decision;
import dev.cleave.edge.head.HeadRunner;
import dev.cleave.edge.link.GatewayLink;
import dev.cleave.edge.link.Scheduler;
import dev.cleave.edge.policy.Choice;
import dev.cleave.edge.policy.KnownCosts;
import java.util.concurrent.atomic.AtomicLong;

/**
 * What every request of one version of an agent's model shares.
 *
 * @param link null without a gateway
 * @param costs learn from every request
 * @param choosesPoints whether each request gets a point of its own, rather than a fixed one
 * @param ids of requests and streams, unique within the agent
 * @param localFallback whether a request meant for the gateway may be finished here
 * @param shadows null if no answer is compared with a second run's
 */
record AgentParts(
        Contract contract,
        HeadRunner head,
        GatewayLink link,
        WireCodecs codecs,
        KnownCosts costs,
        Scheduler scheduler,
        AgentListener listener,
        boolean choosesPoints,
        boolean localFallback,
        AtomicLong ids,
        OpenCalls calls,
        Shadows shadows) {
    /** For a request, the frame of one that is sent again, or a stream. */
    long newId() {
        return ids.incrementAndGet();
    }

    /** A choice as an application is told of it. */
    Decision decision(Choice choice) {
        boolean local = choice.point() == contract.local();
        String level = local
                ? ""
                : contract.points()
                        .get(choice.point())
                        .levels()
                        .get(choice.level())
                        .name();
        double millis = choice.predictedNanos() == Choice.UNKNOWN ? Double.NaN : choice.predictedNanos() / 1e6;
        return new Decision(choice.point(), level, millis, choice.why());
    }

    /** Until the deadline, at least 1. */
    long leftNanos(CallPlan plan) {
        return Math.max(1, plan.deadlineNanos() - scheduler.nanoTime());
    }

    boolean canFallBack() {
        return localFallback && head.reachesLocal();
    }

    /** The same for a request at a point: state that the gateway keeps is nowhere else. */
    boolean canFallBack(int point) {
        return canFallBack() && contract.stateAfter(point).isEmpty();
    }
}
