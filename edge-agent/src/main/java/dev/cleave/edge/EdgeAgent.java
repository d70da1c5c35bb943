package dev.cleave.edge;

import dev.cleave.bundle.Contract;
import dev.cleave.edge.InferenceException.Reason;
import dev.cleave.edge.estimate.LinkConditions;
import dev.cleave.edge.link.GatewayLink;
import dev.cleave.edge.policy.Choice;
import dev.cleave.edge.policy.Demand;
import dev.cleave.edge.policy.Overflow;
import dev.cleave.edge.policy.Situation;
import dev.cleave.edge.policy.SplitPolicy;
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

    private final String bundleId;
    private final AgentParts parts;
    private final SplitPolicy policy;
    private final InputCheck inputCheck;
    private final Duration defaultDeadline;
    private final Overflow overflow;
    private final Runnable closeChannel;
    /** Open streams whose boundaries are coded against each other. */
    private final AtomicInteger videos = new AtomicInteger();

    /** @param closeChannel run after everything else is closed */
    EdgeAgent(
            String bundleId,
            AgentParts parts,
            SplitPolicy policy,
            InputCheck inputCheck,
            Duration defaultDeadline,
            Overflow overflow,
            Runnable closeChannel) {
        this.bundleId = bundleId;
        this.parts = parts;
        this.policy = policy;
        this.inputCheck = inputCheck;
        this.defaultDeadline = defaultDeadline;
        this.overflow = overflow;
        this.closeChannel = closeChannel;
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
        try {
            if (!parts.contract().state().isEmpty()) {
                throw new InferenceException(
                        Reason.REFUSED,
                        "model keeps state \""
                                + parts.contract().state().get(0).input()
                                + "\" from one run to the next; expected a stream of frames (EdgeAgent.stream)");
            }
            Request request = request(input, deadlineNanos(deadline));
            InferenceCall call = admitted(request, overflow, CallContext.alone(parts.codecs()));
            call.start();
            return call.future();
        } catch (InferenceException refused) {
            CompletableFuture<InferenceResult> failed = new CompletableFuture<>();
            failed.completeExceptionally(refused);
            return failed;
        }
    }

    /**
     * Opens a stream: for frames that follow each other, such as those of a video. An agent may have many.
     *
     * @throws IllegalArgumentException if the settings make no sense, or the model has state that this agent cannot keep; one line
     */
    public InferenceStream stream(StreamSettings settings) {
        long allowedNanos = deadlineNanos(settings.deadline() == null ? defaultDeadline : settings.deadline());
        DeviceState.requireKept(parts.contract(), parts.head().through());
        boolean temporal = settings.temporal()
                && parts.link() != null
                && videos.getAndUpdate(open -> Math.min(open + 1, MOST_VIDEOS)) < MOST_VIDEOS;
        Runnable onClose = temporal ? videos::decrementAndGet : () -> {};
        return new InferenceStream(this, parts, settings, allowedNanos, temporal, onClose);
    }

    /**
     * A request as of now.
     *
     * @throws InferenceException {@code MALFORMED_INPUT} if the input does not fit the model
     */
    Request request(InferenceInput input, long allowedNanos) throws InferenceException {
        return new Request(input, inputCheck.rows(input), parts.scheduler().nanoTime(), allowedNanos);
    }

    /**
     * Chooses for a request and takes it among the open ones; it is to be started then.
     *
     * @param overflow what becomes of it while frames wait for credit
     */
    InferenceCall admitted(Request request, Overflow overflow, CallContext context) throws InferenceException {
        long now = parts.scheduler().nanoTime();
        Choice choice = policy.choose(
                situation(),
                parts.head().deviceTimes(),
                conditions(),
                new Demand(request.rows(), request.deadlineNanos() - now, now));
        if (choice == null) {
            throw new InferenceException(
                    Reason.UNAVAILABLE,
                    "no split point is possible: the gateway serves none, and this view of the bundle ends at point "
                            + parts.head().through() + " of " + parts.contract().local());
        }
        requireKeptState(choice);
        choice = roomFor(choice, overflow);
        InferenceCall call = new InferenceCall(parts, parts.newId(), request, choice, context);
        parts.calls().admit(call);
        if (parts.link() != null) {
            // While the rate is not known, frames may be too small to teach it.
            boolean teaches = choice.predictedNanos() != Choice.UNKNOWN;
            parts.link().look(teaches && choice.point() != parts.contract().local());
        }
        return call;
    }

    private void requireKeptState(Choice choice) throws InferenceException {
        Contract contract = parts.contract();
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
        if (parts.link() != null) {
            parts.link().networkChanged();
        }
    }

    /** SHA-256 of the bundle's contract, lower-case hex. */
    public String bundleId() {
        return bundleId;
    }

    /** What inputs, outputs and points there are. */
    public Contract contract() {
        return parts.contract();
    }

    /** Whether this view of the bundle can answer without a gateway. */
    public boolean isLocalAvailable() {
        return parts.head().reachesLocal();
    }

    /** @throws IllegalArgumentException for a deadline under a microsecond, or beyond what a clock can tell */
    static long deadlineNanos(Duration deadline) {
        if (deadline.compareTo(Duration.ofNanos(1000)) < 0 || deadline.compareTo(MAX_DEADLINE) > 0) {
            throw new IllegalArgumentException("deadline " + deadline + "; expected PT0.000001S to " + MAX_DEADLINE);
        }
        return deadline.toNanos();
    }

    /** The choice, or what overflow makes of it while frames wait for credit. */
    private Choice roomFor(Choice choice, Overflow overflow) throws InferenceException {
        int local = parts.contract().local();
        long waiting = choice.point() == local ? 0 : parts.link().waitingBytes();
        if (waiting == 0) {
            return choice;
        }
        if (overflow == Overflow.LOCAL && isLocalAvailable()) {
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

    private LinkConditions conditions() {
        GatewayLink link = parts.link();
        return link == null
                ? LinkConditions.UNKNOWN
                : link.conditions(parts.scheduler().nanoTime());
    }

    private Situation situation() {
        Contract contract = parts.contract();
        GatewayLink link = parts.link();
        int local = parts.head().reachesLocal() ? contract.local() : Situation.UNAVAILABLE;
        return new Situation(remotePoints(), link != null && link.isUsable(), local);
    }

    private List<Integer> remotePoints() {
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
        List<InferenceCall> left = parts.calls().close();
        if (left == null) {
            return;
        }
        for (InferenceCall call : left) {
            call.closed();
        }
        if (parts.link() != null) {
            parts.link().close();
        }
        closeChannel.run();
        parts.scheduler().close();
        parts.head().close();
        try {
            if (!parts.head().awaitClosed(CLOSE_WAIT_NANOS)) {
                LOG.log(Level.WARNING, "a segment still runs; the agent's memory is freed when it ends");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
