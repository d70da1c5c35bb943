package dev.cleave.edge;

import dev.cleave.bundle.Contract;
import dev.cleave.bundle.LadderPoint;
import dev.cleave.bundle.StateTensor;
import dev.cleave.edge.InferenceException.Reason;
import dev.cleave.edge.estimate.LinkConditions;
import dev.cleave.edge.link.GatewayLink;
import dev.cleave.edge.link.Scheduler;
import dev.cleave.edge.policy.Backlog;
import dev.cleave.edge.policy.Choice;
import dev.cleave.edge.policy.Demand;
import dev.cleave.edge.policy.DeviceTimes;
import dev.cleave.edge.policy.LocalStart;
import dev.cleave.edge.policy.Overflow;
import dev.cleave.edge.policy.Situation;
import dev.cleave.edge.policy.UplinkRoom;
import dev.cleave.tensor.Shape;
import dev.cleave.tensor.TensorSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedSet;

/**
 * The way of one request into the agent: what is possible now, what is chosen of it, whether there is room. Nothing of the
 * request is run or sent here. Used once, on the caller's thread.
 */
final class Admission {
    private final ModelInUse model;
    private final AgentParts parts;
    private final Scheduler scheduler;
    private final Situation situation;
    private final DeviceTimes device;
    private final LinkConditions link;

    Admission(ModelInUse model, Scheduler scheduler) {
        this.model = model;
        this.parts = model.parts();
        this.scheduler = scheduler;
        this.situation = situation();
        this.device = parts.head().deviceTimes();
        this.link = link();
    }

    private Situation situation() {
        int local = parts.head().reachesLocal() ? parts.contract().local() : Situation.UNAVAILABLE;
        return new Situation(
                remotePoints(), parts.link() != null && parts.link().isUsable(), local);
    }

    private List<Integer> remotePoints() {
        Contract contract = parts.contract();
        List<Integer> points = new ArrayList<>();
        if (parts.link() == null) {
            return points;
        }
        SortedSet<Integer> served = parts.link().points();
        int last = Math.min(contract.splitPoints(), parts.head().through());
        // A stream keeps to points with the same state on the same side: all of it here if the view reaches that far.
        List<StateTensor> left = contract.stateAfter(parts.head().through());
        for (int point = contract.privacyFloor(); point <= last; point++) {
            boolean isServed = served == null || served.contains(point);
            if (isServed && contract.stateAfter(point).equals(left)) {
                points.add(point);
            }
        }
        return points;
    }

    /** With what requests before this one are going to send. */
    private LinkConditions link() {
        GatewayLink gateway = parts.link();
        if (gateway == null) {
            return LinkConditions.UNKNOWN;
        }
        LinkConditions seen = gateway.conditions(scheduler.nanoTime());
        return seen.withInFlight(seen.inFlightBytes() + parts.calls().promisedBytes());
    }

    /** Whether there was a link when it came. */
    boolean isLinked() {
        return situation.linkUsable();
    }

    /**
     * Takes it among the open ones; it is to be started then.
     *
     * @param overflow what becomes of it where there is no room on the way to the gateway
     */
    InferenceCall admit(Request request, Overflow overflow, CallContext context) throws InferenceException {
        Choice choice = chosen(request);
        if (choice.point() != parts.contract().local()) {
            choice = withRoom(choice, request, overflow);
        }
        boolean remote = choice.point() != parts.contract().local();
        InferenceCall call = new InferenceCall(parts, parts.newId(), request, choice, context);
        parts.calls().admit(call, request.input().bytes(), remote ? frameBytes(choice, request) : 0);
        if (parts.link() != null) {
            // While the rate is not known, frames may be too small to teach it.
            boolean teaches = choice.predictedNanos() != Choice.UNKNOWN;
            parts.link().look(teaches && remote);
        }
        return call;
    }

    private Choice chosen(Request request) throws InferenceException {
        Choice choice = model.policy().choose(situation, device, link, demand(request, request.deadlineNanos()));
        if (choice == null) {
            throw new InferenceException(
                    Reason.UNAVAILABLE,
                    "no split point is possible: the gateway serves none, and this view of the bundle ends at point "
                            + parts.head().through() + " of " + parts.contract().local());
        }
        return choice;
    }

    private Demand demand(Request request, long untilNanos) {
        long now = scheduler.nanoTime();
        return new Demand(request.rows(), untilNanos - now, now);
    }

    /**
     * The choice, or what becomes of it where the way up is full. Who asks to wait, and would wait in vain, is answered here if
     * that is possible: at its latest start the device would answer it all the same.
     */
    private Choice withRoom(Choice choice, Request request, Overflow overflow) throws InferenceException {
        GatewayLink gateway = parts.link();
        long unsent = gateway.unsentBytes() + parts.calls().promisedBytes();
        UplinkRoom room = new UplinkRoom(parts.costs(), device, new Backlog(gateway.waitingBytes(), unsent, link));
        boolean localHasState = parts.contract().stateAfter(choice.point()).isEmpty();
        boolean here = overflow == Overflow.LOCAL && parts.head().reachesLocal() && localHasState;
        Overflow asked = overflow == Overflow.LOCAL && !here ? Overflow.WAIT : overflow;
        Demand demand = demand(request, latestNanos(choice, request));
        LadderPoint point = parts.contract().points().get(choice.point());
        String shortage = room.shortage(asked, choice, demand, heldBytes(point, request));
        if (shortage == null) {
            return choice;
        }
        if (here || asked == Overflow.WAIT && parts.canFallBack(choice.point())) {
            return new Choice(parts.contract().local(), 0, Choice.UNKNOWN, "LOCAL: " + shortage);
        }
        throw new InferenceException(Reason.REFUSED, shortage);
    }

    /** When the gateway has to have answered: the device begins then where it can. */
    private long latestNanos(Choice choice, Request request) {
        if (!parts.canFallBack(choice.point())) {
            return request.deadlineNanos();
        }
        return LocalStart.atNanos(
                scheduler.nanoTime(),
                request.deadlineNanos(),
                parts.head().restNanos(choice.point(), request.rows()),
                parts.head().longestSegmentNanos());
    }

    /** Of what the frame will be coded from; where the shapes of the boundary are open, as much as the input. */
    static long heldBytes(LadderPoint point, Request request) {
        long boundary = 0;
        for (TensorSpec spec : point.specs()) {
            Shape shape = spec.shape().withRows(request.rows());
            if (point.index() == 0 || !shape.isStatic()) {
                return request.input().bytes();
            }
            boundary += shape.elements() * spec.type().bytes();
        }
        return boundary;
    }

    private long frameBytes(Choice choice, Request request) {
        double bytes = parts.costs().wireBytes(choice.point(), choice.level(), request.rows());
        return Double.isNaN(bytes) ? request.input().bytes() : (long) bytes;
    }
}
