package dev.cleave.edge;

import dev.cleave.bundle.Contract;
import dev.cleave.edge.InferenceException.Reason;
import dev.cleave.edge.estimate.LinkConditions;
import dev.cleave.edge.link.GatewayLink;
import dev.cleave.edge.policy.Choice;
import dev.cleave.edge.policy.Demand;
import dev.cleave.edge.policy.Overflow;
import dev.cleave.edge.policy.Situation;
import dev.cleave.edge.stream.StreamSettings;
import dev.cleave.tensor.Tensor;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * Runs a bundle's model from this device: its head here, its tail on a gateway, or all of it on one of them.
 *
 * <pre>{@code
 * try (EdgeAgent agent = EdgeAgent.builder()
 *         .bundle(Paths.get("model.cleave"))
 *         .gateway("gateway:8500")
 *         .build()) {
 *     InferenceResult result = agent.infer(InferenceInput.of("input", tensor)).get();
 * }
 * }</pre>
 *
 * <p>Thread-safe. A request is never lost: its future completes with an answer or an {@link InferenceException}, at the
 * latest at its deadline. Futures complete on the agent's own threads, on which what depends on them must not block
 * (use the {@code Async} methods for that). docs/ARCHITECTURE.md, "Threads of the agent".
 */
public final class EdgeAgent implements AutoCloseable {
    private static final Logger LOG = Logger.getLogger(EdgeAgent.class.getName());
    private static final long CLOSE_WAIT_NANOS = TimeUnit.SECONDS.toNanos(10);

    /** Of frames that wait for credit, beside which one more is taken. */
    private static final long MAX_WAITING_BYTES = 8L << 20;

    private static final Duration MAX_DEADLINE = Duration.ofDays(1);

    /** Videos of which a gateway holds frames for one agent: with more, they would push each other out. */
    private static final int MOST_VIDEOS = 16;

    private final ModelVersions models;
    private final AgentSurroundings surroundings;
    private final Duration defaultDeadline;
    private final Overflow overflow;
    /** Null if it does not update itself. */
    private final AgentUpdates updates;

    /** Open streams whose boundaries are coded against each other. */
    private final AtomicInteger videos = new AtomicInteger();

    EdgeAgent(
            ModelVersions models,
            AgentSurroundings surroundings,
            Duration defaultDeadline,
            Overflow overflow,
            AgentUpdates updates) {
        this.models = models;
        this.surroundings = surroundings;
        this.defaultDeadline = defaultDeadline;
        this.overflow = overflow;
        this.updates = updates;
    }

    public static EdgeAgentBuilder builder() {
        return new EdgeAgentBuilder();
    }

    /** {@link #infer(InferenceInput, Duration)} with the agent's deadline. */
    public CompletableFuture<InferenceResult> infer(InferenceInput input) {
        return infer(input, defaultDeadline);
    }

    /** {@link #infer(InferenceInput)} for tensors. */
    public CompletableFuture<InferenceResult> infer(Map<String, Tensor> tensors) {
        return infer(InferenceInput.of(tensors));
    }

    /**
     * Answers one request of one or n rows. Checks the input on the calling thread and returns; never waits for the
     * network or for a run.
     *
     * <p>Cancelling the future stops the local work at the next segment border and tells the gateway.
     *
     * @param deadline from now, a microsecond to a day
     * @return completes with the answer, or exceptionally with an {@link InferenceException}
     * @throws IllegalArgumentException if the deadline is none
     */
    public CompletableFuture<InferenceResult> infer(InferenceInput input, Duration deadline) {
        long allowedNanos = deadlineNanos(deadline);
        try {
            requireStateless(contract());
            Request request = request(input, allowedNanos);
            ModelInUse model = begin();
            InferenceCall call = admitted(
                    model, request, overflow, CallContext.alone(model.parts().codecs()));
            call.start();
            return call.future();
        } catch (InferenceException refused) {
            CompletableFuture<InferenceResult> failed = new CompletableFuture<>();
            failed.completeExceptionally(refused);
            return failed;
        }
    }

    private static void requireStateless(Contract contract) throws InferenceException {
        if (!contract.state().isEmpty()) {
            throw new InferenceException(
                    Reason.REFUSED,
                    "model keeps state \"" + contract.state().get(0).input()
                            + "\" from one run to the next; expected a stream of frames (EdgeAgent.stream)");
        }
    }

    /**
     * Opens a stream: for frames that follow each other, such as those of a video. An agent may have many.
     *
     * @throws IllegalArgumentException if the settings make no sense, or the model has state that this agent cannot keep; one line
     */
    public InferenceStream stream(StreamSettings settings) {
        long allowedNanos = deadlineNanos(settings.deadline() == null ? defaultDeadline : settings.deadline());
        AgentParts parts = models.current().parts();
        DeviceState.requireKept(parts.contract(), parts.head().through());
        boolean temporal = settings.temporal()
                && parts.link() != null
                && videos.getAndUpdate(open -> Math.min(open + 1, MOST_VIDEOS)) < MOST_VIDEOS;
        Runnable onClose = temporal ? videos::decrementAndGet : () -> {};
        return new InferenceStream(this, surroundings, settings, allowedNanos, temporal, onClose);
    }

    /**
     * A request as of now. What it has to be like is the same for all versions of the model.
     *
     * @throws InferenceException {@code MALFORMED_INPUT} if the input does not fit the model
     */
    Request request(InferenceInput input, long allowedNanos) throws InferenceException {
        int rows = models.current().inputCheck().rows(input);
        return new Request(input, rows, surroundings.scheduler().nanoTime(), allowedNanos);
    }

    /** The version of the model for a request that begins, which is then to be {@link #admitted}. */
    ModelInUse begin() throws InferenceException {
        ModelInUse model = models.begin();
        if (model == null) {
            throw OpenCalls.closed();
        }
        return model;
    }

    /**
     * Chooses for a request and takes it among the open ones; it is to be started then.
     *
     * @param model of {@link #begin}; it hears of the request's end, or at once if that is refused
     * @param overflow what becomes of it while frames wait for credit
     */
    InferenceCall admitted(ModelInUse model, Request request, Overflow overflow, CallContext context)
            throws InferenceException {
        AgentParts parts = model.parts();
        Situation situation = situation(parts);
        boolean admitted = false;
        InferenceCall call;
        try {
            Choice choice = roomFor(parts, chosen(model, request, situation), overflow);
            call = new InferenceCall(parts, parts.newId(), request, choice, context);
            parts.calls().admit(call);
            admitted = true;
            if (parts.link() != null) {
                // While the rate is not known, frames may be too small to teach it.
                boolean teaches = choice.predictedNanos() != Choice.UNKNOWN;
                parts.link().look(teaches && choice.point() != parts.contract().local());
            }
        } finally {
            if (!admitted) {
                model.end();
            }
        }
        boolean linked = situation.linkUsable();
        call.future().whenComplete((result, why) -> ended(model, linked, request.askedNanos(), result, why));
        return call;
    }

    private Choice chosen(ModelInUse model, Request request, Situation situation) throws InferenceException {
        AgentParts parts = model.parts();
        long now = surroundings.scheduler().nanoTime();
        Choice choice = model.policy()
                .choose(
                        situation,
                        parts.head().deviceTimes(),
                        conditions(parts),
                        new Demand(request.rows(), request.deadlineNanos() - now, now));
        if (choice == null) {
            if (updates != null) {
                updates.impossible(model);
            }
            throw new InferenceException(
                    Reason.UNAVAILABLE,
                    "no split point is possible: the gateway serves none, and this view of the bundle ends at point "
                            + parts.head().through() + " of " + parts.contract().local());
        }
        requireKeptState(parts.contract(), choice);
        return choice;
    }

    private void ended(ModelInUse model, boolean linked, long startNanos, InferenceResult result, Throwable failure) {
        model.end();
        if (updates != null) {
            long nanos = surroundings.scheduler().nanoTime() - startNanos;
            updates.ended(model, linked, nanos, result, failure);
        }
    }

    private static void requireKeptState(Contract contract, Choice choice) throws InferenceException {
        if (!DeviceState.isBefore(contract, choice.point())) {
            throw new InferenceException(
                    Reason.REFUSED,
                    "split point " + choice.point() + " leaves state \""
                            + contract.state().get(0).input()
                            + "\" to the gateway, which keeps none; expected a point after it, or LOCAL");
        }
    }

    /**
     * To be called when the device has changed networks, from Wi-Fi to cellular say: connections are made anew at once, rather than
     * when the old ones turn out to be dead, and the link is measured anew. Does not wait.
     */
    public void networkChanged() {
        GatewayLink link = models.current().parts().link();
        if (link != null) {
            link.networkChanged();
        }
    }

    /**
     * SHA-256 of the contract of the bundle in use, lower-case hex. With {@link EdgeAgentBuilder#updates} another one after an
     * update.
     */
    public String bundleId() {
        return models.current().bundle().id();
    }

    /**
     * What inputs, outputs and points there are. With {@link EdgeAgentBuilder#updates} another one after an update, though inputs
     * and outputs stay as they were.
     */
    public Contract contract() {
        return models.current().parts().contract();
    }

    /** Whether the view of the bundle in use can answer without a gateway. */
    public boolean isLocalAvailable() {
        return models.current().parts().head().reachesLocal();
    }

    /** @throws IllegalArgumentException for a deadline under a microsecond, or beyond what a clock can tell */
    static long deadlineNanos(Duration deadline) {
        if (deadline.compareTo(Duration.ofNanos(1000)) < 0 || deadline.compareTo(MAX_DEADLINE) > 0) {
            throw new IllegalArgumentException("deadline " + deadline + "; expected PT0.000001S to " + MAX_DEADLINE);
        }
        return deadline.toNanos();
    }

    /** The choice, or what overflow makes of it while frames wait for credit. */
    private static Choice roomFor(AgentParts parts, Choice choice, Overflow overflow) throws InferenceException {
        int local = parts.contract().local();
        long waiting = choice.point() == local ? 0 : parts.link().waitingBytes();
        if (waiting == 0) {
            return choice;
        }
        if (overflow == Overflow.LOCAL && parts.head().reachesLocal()) {
            return new Choice(local, 0, Choice.UNKNOWN, "LOCAL: the gateway's window is full");
        }
        if (overflow == Overflow.REJECT || waiting > MAX_WAITING_BYTES) {
            throw new InferenceException(
                    Reason.REFUSED,
                    "the gateway's window is full, and frames of " + waiting + " bytes wait for it; expected "
                            + (overflow == Overflow.REJECT ? "none" : "at most " + MAX_WAITING_BYTES));
        }
        return choice;
    }

    private LinkConditions conditions(AgentParts parts) {
        GatewayLink link = parts.link();
        return link == null
                ? LinkConditions.UNKNOWN
                : link.conditions(surroundings.scheduler().nanoTime());
    }

    private static Situation situation(AgentParts parts) {
        Contract contract = parts.contract();
        GatewayLink link = parts.link();
        int local = parts.head().reachesLocal() ? contract.local() : Situation.UNAVAILABLE;
        return new Situation(remotePoints(parts), link != null && link.isUsable(), local);
    }

    private static List<Integer> remotePoints(AgentParts parts) {
        List<Integer> points = new ArrayList<>();
        if (parts.link() == null) {
            return points;
        }
        SortedSet<Integer> served = parts.link().points();
        int last = Math.min(parts.contract().splitPoints(), parts.head().through());
        for (int point = parts.contract().privacyFloor(); point <= last; point++) {
            boolean isServed = served == null || served.contains(point);
            if (isServed && DeviceState.isBefore(parts.contract(), point)) {
                points.add(point);
            }
        }
        return points;
    }

    /**
     * Completes every waiting request with {@code CLOSED} and frees everything. Waits for a segment that is running,
     * within reason; its memory is freed when it ends. A second call does nothing.
     */
    @Override
    public void close() {
        List<InferenceCall> left = surroundings.calls().close();
        if (left == null) {
            return;
        }
        for (InferenceCall call : left) {
            call.closed();
        }
        if (updates != null) {
            updates.close();
        }
        models.close();
        surroundings.closeChannels();
        surroundings.scheduler().close();
        try {
            if (!models.awaitClosed(CLOSE_WAIT_NANOS)) {
                LOG.log(Level.WARNING, "a segment still runs; the agent's memory is freed when it ends");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
