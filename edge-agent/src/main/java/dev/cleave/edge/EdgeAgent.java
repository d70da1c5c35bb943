package dev.cleave.edge;

import dev.cleave.bundle.Contract;
import dev.cleave.edge.InferenceException.Reason;
import dev.cleave.edge.events.EngineUse;
import dev.cleave.edge.policy.Overflow;
import dev.cleave.edge.stream.StreamSettings;
import dev.cleave.tensor.Tensor;
import java.time.Duration;
import java.util.List;
import java.util.Map;
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
     * @throws IllegalArgumentException if the settings make no sense, or the model has state of an open shape; one line
     */
    public InferenceStream stream(StreamSettings settings) {
        long allowedNanos = deadlineNanos(settings.deadline() == null ? defaultDeadline : settings.deadline());
        AgentParts parts = models.current().parts();
        DeviceState.requireFixed(parts.contract());
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
     * @param overflow what becomes of it where there is no room on the way to the gateway
     */
    InferenceCall admitted(ModelInUse model, Request request, Overflow overflow, CallContext context)
            throws InferenceException {
        Admission admission = new Admission(model, surroundings.scheduler());
        InferenceCall call;
        try {
            call = admission.admit(request, overflow, context);
        } catch (InferenceException | RuntimeException | Error e) {
            model.end();
            if (updates != null) {
                updates.turnedAway(model, e);
            }
            throw e;
        }
        boolean linked = admission.isLinked();
        call.future().whenComplete((result, why) -> ended(model, linked, request.askedNanos(), result, why));
        return call;
    }

    private void ended(ModelInUse model, boolean linked, long startNanos, InferenceResult result, Throwable failure) {
        model.end();
        if (updates != null) {
            long nanos = surroundings.scheduler().nanoTime() - startNanos;
            updates.ended(model, linked, nanos, result, failure);
        }
    }

    /**
     * To be called when the device has changed networks, from Wi-Fi to cellular say: connections are made anew at once, rather than
     * when the old ones turn out to be dead, and the link is measured anew. Does not wait.
     */
    public void networkChanged() {
        models.networkChanged();
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

    /** What runs segments on this device just now, and why; see {@link EdgeAgentBuilder#engine(String)}. */
    public EngineUse engineInUse() {
        return models.current().engineUse();
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
        surroundings.close();
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
