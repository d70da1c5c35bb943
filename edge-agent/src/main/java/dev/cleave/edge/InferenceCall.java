package dev.cleave.edge;

import dev.cleave.codec.CodecException;
import dev.cleave.edge.events.Answer;
import dev.cleave.edge.events.Decision;
import dev.cleave.edge.events.Fallback;
import dev.cleave.edge.events.Source;
import dev.cleave.edge.events.Waterfall;
import dev.cleave.edge.head.SegmentRun;
import dev.cleave.edge.link.GatewayLink;
import dev.cleave.edge.link.GatewayReply;
import dev.cleave.edge.link.GatewayStream;
import dev.cleave.edge.link.LinkFailure;
import dev.cleave.edge.link.OutgoingFrame;
import dev.cleave.edge.link.ReplyHandler;
import dev.cleave.edge.policy.Choice;
import dev.cleave.edge.policy.LocalStart;
import dev.cleave.engine.EngineException;
import dev.cleave.engine.RunTimeoutException;
import dev.cleave.tensor.Tensor;
import dev.cleave.tensor.TensorSpec;
import dev.cleave.v1.GatewayTiming;
import dev.cleave.wire.StateSender.Continuity;
import java.io.IOException;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * One request, from the head to the answer.
 *
 * <pre>
 *            worker         any           worker          transport
 * LOCAL      runHead ------------------------------------------------> answer
 * SPLIT      runHead --&gt; link.whenOpen --&gt; encodeAndSend --&gt; replied --&gt; answer
 *                            |                |   |             |
 *                            ^----------------+---+ lost, no local path, another gateway
 *                            |  link down     |   | error, lost |
 *                            +----------------+---+-------------+
 *                                             |   timer: time is nearly up
 *                                             v
 *            worker                  continueLocally ---------------> answer
 * </pre>
 *
 * <p>Up to two paths lead to the answer at once, the gateway's and the local one, and the first wins. {@link #settle} is
 * the one place where a request ends: whoever gets true from it completes the future. A path that comes to nothing says
 * so ({@link #pathFailed}); the request fails when no path is left, or at its deadline.
 */
final class InferenceCall implements GatewayLink.Waiter, ReplyHandler {
    private final AgentParts agent;
    private final long id;
    private final CallContext context;
    private final Decision decision;
    private final int point;
    private final int level;
    private final int rows;
    private final long deadlineNanos;
    private final CallTimes times;
    private final CallTimers timers;
    private final GatewayVerdict verdict = new GatewayVerdict();
    private final CallEvents events;
    private final Failures failures;
    private final CompletableFuture<InferenceResult> future = new CompletableFuture<>();
    private final AtomicBoolean settled = new AtomicBoolean();
    private final AtomicBoolean localStarted = new AtomicBoolean();
    private volatile String waitingFor = "the worker thread";
    /** Null once nobody needs it any more. */
    private volatile InferenceInput input;

    /** Null before the head was run, and when all is over. */
    private volatile Activation activation;

    /** Of the frame; another one than the request's if it had to be sent again. */
    private volatile long frameId;

    private volatile Fallback fallback;
    private volatile GatewayStream stream;
    /** There was one to send it on. */
    private volatile boolean connected;
    /** Gateways that were lost with it; one stream at a time tells. */
    private volatile int turns;
    /** Guarded by this. */
    private int paths = 1;

    InferenceCall(AgentParts agent, long id, Request request, Choice choice, CallContext context) {
        this.agent = agent;
        this.id = id;
        this.frameId = id;
        this.context = context;
        this.input = request.input();
        this.point = choice.point();
        this.level = choice.level();
        this.decision = agent.decision(choice);
        this.rows = request.rows();
        this.deadlineNanos = request.deadlineNanos();
        this.times = new CallTimes(request.askedNanos());
        this.timers = new CallTimers(agent.scheduler());
        this.events = new CallEvents(agent.listener(), id);
        this.failures = new Failures(agent, id, point, request.allowedNanos());
    }

    CompletableFuture<InferenceResult> future() {
        return future;
    }

    /** Begins. The request was admitted; it is released when it ends. */
    void start() {
        events.started(decision, rows);
        future.whenComplete((result, failure) -> settle("cancelled", null));
        timers.atDeadline(this::deadlinePassed, deadlineNanos);
        if (!agent.head().execute(() -> onWorker(this::runHead))) {
            closed();
        }
    }

    /** The agent closes. */
    void closed() {
        fail(failures.closed());
    }

    private interface Step {
        void run() throws InferenceException, EngineException, IOException;
    }

    /** Runs a step of a path unless all is over; what it throws ends the path. */
    private void onWorker(Step step) {
        if (settled.get()) {
            return;
        }
        try {
            step.run();
        } catch (RunTimeoutException e) {
            pathFailed(failures.deadline("the local run", e));
        } catch (InferenceException e) {
            pathFailed(e);
        } catch (EngineException | IOException | RuntimeException | LinkageError | OutOfMemoryError e) {
            pathFailed(failures.execution(e));
        }
    }

    private void runHead() throws InferenceException, EngineException {
        InferenceInput given = input;
        if (given == null) {
            return;
        }
        waitingFor = "the head";
        long began = agent.scheduler().nanoTime();
        Activation start = Activation.of(given, agent.contract());
        Map<String, Tensor> live = point == 0 ? null : prepared(start);
        times.head(agent.scheduler().nanoTime() - began);
        Activation reached = start;
        if (live != null) {
            SegmentRun head = agent.head().run(0, point, live, rows, leftNanos(), settled::get);
            if (head == null) {
                return;
            }
            times.head(head.nanos());
            reached = Activation.of(head.crossing());
        }
        context.headEnded(point, reached.tensors());
        if (point == agent.contract().local()) {
            answerLocally(reached.tensors());
        } else {
            keep(reached);
            takeUpLocallyInTime();
            waitingFor = "a connection to the gateway";
            agent.link().whenOpen(this);
            waitNoLongerThanTheDeviceTakes();
        }
    }

    /**
     * Where the agent chose the point, a connection that is not there yet is waited for as long as the device would take for the rest:
     * whichever it comes to, that is at most twice as long as it had to be. A device that was never measured begins at once.
     */
    private void waitNoLongerThanTheDeviceTakes() {
        if (connected || !agent.choosesPoints() || !agent.canFallBack(point)) {
            return;
        }
        long restNanos = agent.head().restNanos(point, rows);
        if (restNanos <= 0) {
            connectionIsLate();
            return;
        }
        timers.atConnectionLate(this::connectionIsLate, agent.scheduler().nanoTime() + restNanos);
    }

    private void connectionIsLate() {
        if (!connected) {
            takeUpLocally(new Fallback(Fallback.Cause.LINK_DOWN, "no connection to the gateway yet"));
        }
    }

    /** From here the request is encoded, or finished locally; its input is of use for a second run on the gateway alone. */
    private void keep(Activation reached) {
        activation = reached;
        if (agent.shadows() == null || agent.head().reachesLocal()) {
            input = null;
        }
        if (settled.get()) {
            activation = null;
            input = null;
        }
    }

    /** The inputs as the first segment takes them. */
    private Map<String, Tensor> prepared(Activation start) throws InferenceException {
        long began = agent.scheduler().nanoTime();
        Map<String, Tensor> live = start.live(agent.contract());
        if (start.pictures() != null) {
            agent.head().prepared(rows, agent.scheduler().nanoTime() - began);
        }
        return context.withState(point, live, rows);
    }

    /** Sets the timer that finishes the request here when the gateway's answer is about to be too late. */
    private void takeUpLocallyInTime() {
        if (!agent.canFallBack(point)) {
            return;
        }
        long now = agent.scheduler().nanoTime();
        long at = LocalStart.atNanos(
                now,
                deadlineNanos,
                agent.head().restNanos(point, rows),
                agent.head().longestSegmentNanos());
        timers.atLocalStart(this::timeIsNearlyUp, at);
    }

    @Override
    public void opened(GatewayStream open) {
        connected = true;
        boolean accepted = agent.head().executeUrgently(() -> onWorker(() -> encodeAndSend(open)));
        if (!accepted) {
            closed();
        }
    }

    private void encodeAndSend(GatewayStream open) throws InferenceException, IOException {
        Activation reached = activation;
        if (reached == null) {
            return;
        }
        long began = agent.scheduler().nanoTime();
        CodedFrame coded = context.encode(point, level, open, reached);
        int bytes = coded.payload().remaining();
        long nanos = agent.scheduler().nanoTime() - began;
        times.encoded(nanos, bytes);
        agent.costs().encoded(point, level, rows, nanos, bytes);
        waitingFor = "credit from the gateway";
        stream = open;
        verdict.begun(agent.link(), open);
        long frame = frameId;
        if (!open.send(
                new OutgoingFrame(
                        frame, point, rows, level, 0, deadlineNanos, coded.place(), coded.state(), coded.payload()),
                this)) {
            agent.link().whenOpen(this);
        } else if (settled.get()) {
            open.cancel(frame);
            context.ended();
        }
        if (settled.get()) {
            verdict.tell(agent.link());
        }
    }

    @Override
    public void handedOver(long nowNanos) {
        waitingFor = "the gateway's answer";
        times.handedOver(nowNanos);
        context.sent();
    }

    @Override
    public void acknowledged(long held, long nowNanos) {
        times.acknowledged(nowNanos);
        context.acknowledged(held);
    }

    @Override
    public void replied(GatewayReply reply) {
        Activation reached = activation;
        if (reached == null) {
            return;
        }
        Continuity continuity = context.answered(reply.stateAfter());
        if (continuity == Continuity.BROKEN) {
            failed(new LinkFailure(
                    LinkFailure.Kind.EXECUTION,
                    "gateway's answer continues another state than that of the frames before"));
            return;
        }
        try {
            Map<String, Tensor> outputs = new HashMap<>(reached.tensors());
            outputs.putAll(agent.codecs().decode(point, rows, reply.payload().duplicate()));
            learn(reply);
            Source source = point == 0 ? Source.CLOUD : Source.SPLIT;
            int batch = Math.max(rows, reply.timing().getBatchRows());
            long now = agent.scheduler().nanoTime();
            verdict.answered();
            boolean isReset = continuity == Continuity.BEGINS_ANEW;
            answer(outputs, source, point, times.remote(reply, now), batch, now, isReset);
        } catch (CodecException | RuntimeException e) {
            failed(new LinkFailure(LinkFailure.Kind.EXECUTION, "gateway's outputs do not decode: " + e.getMessage()));
        }
    }

    private void learn(GatewayReply reply) {
        GatewayTiming timing = reply.timing();
        agent.costs()
                .answered(
                        point,
                        rows,
                        reply.payload().remaining(),
                        TimeUnit.MICROSECONDS.toNanos(timing.getDecodeMicros()),
                        TimeUnit.MICROSECONDS.toNanos(timing.getTailMicros()));
    }

    @Override
    public void unavailable(LinkFailure failure) {
        gatewayLost(failure);
    }

    @Override
    public void failed(LinkFailure failure) {
        if (!codedAnew(failure) && !sentElsewhere(failure)) {
            gatewayLost(failure);
        }
    }

    private boolean codedAnew(LinkFailure failure) {
        boolean mayBeCodedAnew = switch (failure.kind()) {
            case REFERENCE_LOST -> context.referenceLost();
            case STATE_LOST -> context.stateLost(failure.message());
            default -> false;
        };
        if (!mayBeCodedAnew) {
            return false;
        }
        frameId = agent.newId();
        waitingFor = "a connection to the gateway";
        agent.link().whenOpen(this);
        return true;
    }

    /**
     * Where the device cannot help itself, a request that was lost with its stream goes to the next gateway: inference changes
     * nothing, so it may be run twice, and the first stream ended, so it is not answered twice. Each gateway has one turn: a
     * request that breaks them is not handed on for ever.
     */
    private boolean sentElsewhere(LinkFailure failure) {
        boolean lost = failure.isOfLink() && !agent.canFallBack(point) && !settled.get();
        if (!lost || ++turns >= agent.link().gateways()) {
            return false;
        }
        stream = null;
        verdict.withdraw(agent.link());
        times.lost();
        waitingFor = "a connection to another gateway";
        agent.link().whenOpen(this);
        return true;
    }

    private void gatewayLost(LinkFailure failure) {
        if (failure.isGatewaysFault()) {
            verdict.failed();
        }
        takeUpLocally(new Fallback(Failures.cause(failure), failure.message()));
        pathFailed(failures.link(failure));
    }

    @Override
    public void doubted(LinkFailure why) {
        takeUpLocally(new Fallback(Fallback.Cause.LINK_DOWN, why.message()));
    }

    private void timeIsNearlyUp() {
        Fallback.Cause cause = stream == null
                ? Fallback.Cause.LINK_DOWN
                : times.isHandedOver() ? Fallback.Cause.DEADLINE_NEAR : Fallback.Cause.NO_CREDIT;
        if (cause == Fallback.Cause.DEADLINE_NEAR) {
            verdict.failed();
        }
        takeUpLocally(new Fallback(cause, "still waiting for " + waitingFor + " when the local run had to start"));
    }

    /** Opens the local path, once, if there is one. */
    private void takeUpLocally(Fallback why) {
        if (!agent.canFallBack(point) || settled.get() || !localStarted.compareAndSet(false, true)) {
            return;
        }
        synchronized (this) {
            paths++;
        }
        fallback = why;
        events.fallback(why);
        if (!agent.head().executeUrgently(() -> onWorker(this::continueLocally))) {
            closed();
        }
    }

    private void continueLocally() throws InferenceException, EngineException {
        Activation reached = activation;
        if (reached == null) {
            return;
        }
        long began = agent.scheduler().nanoTime();
        int local = agent.contract().local();
        Map<String, Tensor> live = reached.live(agent.contract());
        long prepared = agent.scheduler().nanoTime() - began;
        SegmentRun rest = agent.head().run(point, local, live, rows, leftNanos(), settled::get);
        if (rest != null) {
            times.rest(prepared + rest.nanos());
            answerLocally(rest.crossing());
        }
    }

    private void answerLocally(Map<String, Tensor> outputs) {
        long now = agent.scheduler().nanoTime();
        answer(outputs, Source.LOCAL, agent.contract().local(), times.local(now), rows, now, false);
    }

    private void answer(
            Map<String, Tensor> tensors,
            Source source,
            int answeredAt,
            Waterfall waterfall,
            int batch,
            long now,
            boolean stateReset) {
        Map<String, Tensor> outputs = new LinkedHashMap<>();
        for (TensorSpec spec : agent.contract().outputsWithoutState()) {
            outputs.put(spec.name(), tensors.get(spec.name()));
        }
        InferenceResult result = new InferenceResult(
                outputs,
                Labels.of(agent.contract(), outputs, rows),
                source,
                answeredAt,
                waterfall,
                times.wireBytes(),
                batch,
                now - deadlineNanos <= 0,
                decision,
                source == Source.LOCAL ? fallback : null,
                stateReset);
        InferenceInput given = input;
        Activation reached = activation;
        if (settle(null, result.answer())) {
            Runnable second = source == Source.LOCAL ? null : secondRun(given, reached, outputs);
            future.complete(result);
            if (second != null) {
                second.run();
            }
        }
    }

    /** Null unless this request is among those that are run twice. */
    private Runnable secondRun(InferenceInput given, Activation reached, Map<String, Tensor> outputs) {
        Shadows shadows = agent.shadows();
        if (shadows == null || reached == null) {
            return null;
        }
        return shadows.sample(agent, new Shadows.Answered(id, point, level, rows), given, reached, outputs);
    }

    private void deadlinePassed() {
        if (times.isHandedOver()) {
            verdict.failed();
        }
        fail(failures.deadline(waitingFor, null));
    }

    /** One path came to nothing; the last one takes the request with it. */
    private void pathFailed(InferenceException failure) {
        boolean last;
        synchronized (this) {
            last = --paths == 0;
        }
        if (last) {
            fail(failure);
        }
    }

    /** Ends the request without an answer, unless it has ended. */
    void fail(InferenceException failure) {
        if (settle(failure.getMessage(), null)) {
            future.completeExceptionally(failure);
        }
    }

    /** Ends the request; true for exactly one caller. */
    private boolean settle(String failure, Answer answer) {
        if (!settled.compareAndSet(false, true)) {
            return false;
        }
        timers.end();
        GatewayStream sentOn = stream;
        if (sentOn != null) {
            sentOn.cancel(frameId);
        }
        input = null;
        activation = null;
        context.ended();
        if (agent.link() != null) {
            agent.link().forget(this);
            verdict.tell(agent.link());
        }
        agent.calls().release(this);
        events.ended(failure, answer);
        return true;
    }

    private long leftNanos() {
        return Math.max(1, deadlineNanos - agent.scheduler().nanoTime());
    }
}
