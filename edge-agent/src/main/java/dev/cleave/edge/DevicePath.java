package dev.cleave.edge;

import dev.cleave.edge.events.Fallback;
import dev.cleave.edge.events.Source;
import dev.cleave.edge.head.SegmentRun;
import dev.cleave.edge.policy.LocalStart;
import dev.cleave.engine.EngineException;
import dev.cleave.tensor.Tensor;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * One request's way over the device from its boundary on: begun once, when the gateway is of no use, when it may be, or when time is
 * nearly up. Where the device cannot finish, or must not, it never begins. Thread-safe.
 */
final class DevicePath {
    private final AgentParts agent;
    private final CallPlan plan;
    private final CallTimes times;
    private final Failures failures;
    private final PathOwner owner;
    private final GatewayPath gateway;
    private final AtomicBoolean begun = new AtomicBoolean();

    /** @param gateway the way beside it */
    DevicePath(
            AgentParts agent, CallPlan plan, CallTimes times, Failures failures, PathOwner owner, GatewayPath gateway) {
        this.agent = agent;
        this.plan = plan;
        this.times = times;
        this.failures = failures;
        this.owner = owner;
        this.gateway = gateway;
    }

    /**
     * Sets the timer that begins when the gateway's answer is about to be too late. Whether the device still is as fast as it was is looked
     * at on the way: one that has become slower begins earlier.
     */
    void beginInTime(CallTimers timers) {
        if (agent.canFallBack(plan.point())) {
            awaitLatestStart(timers, latestStart());
        }
    }

    private long latestStart() {
        return LocalStart.atNanos(
                agent.scheduler().nanoTime(),
                plan.deadlineNanos(),
                restNanos(),
                agent.head().longestSegmentNanos());
    }

    private void awaitLatestStart(CallTimers timers, long at) {
        long look = LocalStart.nextLookNanos(agent.scheduler().nanoTime(), at);
        Runnable then = look - at >= 0
                ? this::timeIsNearlyUp
                : () -> awaitLatestStart(timers, LocalStart.earlier(at, latestStart()));
        timers.atLocalStart(then, look);
    }

    private long restNanos() {
        return agent.head().restNanos(plan.point(), plan.rows());
    }

    private void timeIsNearlyUp() {
        String message = "still waiting for " + gateway.waitingFor() + " when the local run had to start";
        begin(new Fallback(gateway.late(), message));
    }

    /**
     * Where the agent chose the point, a connection that is not there yet is waited for as long as the device would take for the rest:
     * whichever it comes to, that is at most twice as long as it had to be. A device that was never measured begins at once.
     */
    void beginWithoutConnection(CallTimers timers) {
        if (gateway.isConnected() || !agent.choosesPoints() || !agent.canFallBack(plan.point())) {
            return;
        }
        long rest = restNanos();
        if (rest <= 0) {
            connectionIsLate();
            return;
        }
        timers.atConnectionLate(this::connectionIsLate, agent.scheduler().nanoTime() + rest);
    }

    private void connectionIsLate() {
        if (!gateway.isConnected()) {
            begin(new Fallback(Fallback.Cause.LINK_DOWN, "no connection to the gateway yet"));
        }
    }

    /** Begins, unless it has. */
    void begin(Fallback why) {
        if (!agent.canFallBack(plan.point()) || owner.isOver() || !begun.compareAndSet(false, true)) {
            return;
        }
        owner.begun(why);
        owner.urgently(this::run);
    }

    private void run() throws InferenceException, EngineException {
        Activation reached = owner.activation();
        if (reached == null) {
            return;
        }
        int local = agent.contract().local();
        long left = agent.leftNanos(plan);
        if (!agent.head().mayBegin(plan.point(), local, plan.rows(), left)) {
            throw failures.notBegun("the local run", restNanos(), left);
        }
        long began = agent.scheduler().nanoTime();
        Map<String, Tensor> live = reached.live(agent.contract());
        long prepared = agent.scheduler().nanoTime() - began;
        SegmentRun rest =
                agent.head().run(plan.point(), local, live, plan.rows(), agent.leftNanos(plan), owner::isOver);
        if (rest != null) {
            times.rest(prepared + rest.nanos());
            long now = agent.scheduler().nanoTime();
            owner.answered(rest.crossing(), Source.LOCAL, times.local(now), plan.rows(), false, now);
        }
    }
}
