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
import dev.cleave.edge.link.Scheduler;
import dev.cleave.edge.policy.Choice;
import dev.cleave.edge.policy.LocalStart;
import dev.cleave.engine.EngineException;
import dev.cleave.engine.RunTimeoutException;
import dev.cleave.tensor.Tensor;
import dev.cleave.tensor.TensorSpec;
import dev.cleave.v1.GatewayTiming;
import java.io.IOException;
import java.nio.ByteBuffer;
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
    private final InferenceInput input;
    private final Decision decision;
    private final int point;
    private final int level;
    private final int rows;
    private final long deadlineNanos;
    private final CallTimes times;
    private final CallEvents events;
    private final Failures failures;
    private final CompletableFuture<InferenceResult> future = new CompletableFuture<>();
    private final AtomicBoolean settled = new AtomicBoolean();
    private final AtomicBoolean localStarted = new AtomicBoolean();
    private volatile String waitingFor = "the worker thread";
    private volatile Activation activation;
    private volatile Fallback fallback;
    private volatile GatewayStream stream;
    /** The device had to help itself, or the gateway answered with an error. */
    private volatile boolean gatewayFailed;

    private volatile boolean gatewayAnswered;
    /** As {@link GatewayLink#begun} gave it; nothing for LOCAL. */
    private volatile Integer begunIn;
    // Guarded by this.
    private int paths = 1;
    private Scheduler.Timer deadlineTimer = () -> {};
    private Scheduler.Timer localTimer = () -> {};

    InferenceCall(AgentParts agent, long id, InferenceInput input, Choice choice, int rows, long deadlineNanosFromNow) {
        this.agent = agent;
        this.id = id;
        this.input = input;
        this.point = choice.point();
        this.level = choice.level();
        this.decision = agent.decision(choice);
        this.rows = rows;
        long startNanos = agent.scheduler().nanoTime();
        this.deadlineNanos = startNanos + deadlineNanosFromNow;
        this.times = new CallTimes(startNanos);
        this.events = new CallEvents(agent.listener(), id);
        this.failures = new Failures(agent, id, point, deadlineNanosFromNow);
    }

    CompletableFuture<InferenceResult> future() {
        return future;
    }

    /** Begins. The request was admitted; it is released when it ends. */
    void start() {
        events.started(decision, rows);
        future.whenComplete((result, failure) -> settle("cancelled", null));
        Scheduler.Timer timer = agent.scheduler().schedule(this::deadlinePassed, deadlineNanos);
        synchronized (this) {
            deadlineTimer = timer;
        }
        cancelTimersIfSettled();
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
        waitingFor = "the head";
        long began = agent.scheduler().nanoTime();
        Activation start = Activation.of(input, agent.contract());
        Map<String, Tensor> live = point == 0 ? null : prepared(start);
        times.head(agent.scheduler().nanoTime() - began);
        if (live == null) {
            activation = start;
        } else {
            SegmentRun head = agent.head().run(0, point, live, rows, leftNanos(), settled::get);
            if (head == null) {
                return;
            }
            times.head(head.nanos());
            activation = Activation.of(head.crossing());
        }
        if (point == agent.contract().local()) {
            answerLocally(activation.tensors());
        } else {
            begunIn = agent.link().begun();
            takeUpLocallyInTime();
            waitingFor = "a connection to the gateway";
            agent.link().whenOpen(this);
        }
    }

    /** The inputs as the first segment takes them. */
    private Map<String, Tensor> prepared(Activation start) throws InferenceException {
        long began = agent.scheduler().nanoTime();
        Map<String, Tensor> live = start.live(agent.contract());
        if (start.pictures() != null) {
            agent.head().prepared(rows, agent.scheduler().nanoTime() - began);
        }
        return live;
    }

    /** Sets the timer that finishes the request here when the gateway's answer is about to be too late. */
    private void takeUpLocallyInTime() {
        if (!agent.canFallBack()) {
            return;
        }
        long now = agent.scheduler().nanoTime();
        long at = LocalStart.atNanos(
                now,
                deadlineNanos,
                agent.head().restNanos(point, rows),
                agent.head().longestSegmentNanos());
        Scheduler.Timer timer = agent.scheduler().schedule(this::timeIsNearlyUp, at);
        synchronized (this) {
            localTimer = timer;
        }
        cancelTimersIfSettled();
    }

    @Override
    public void opened(GatewayStream open) {
        boolean accepted = agent.head().executeUrgently(() -> onWorker(() -> encodeAndSend(open)));
        if (!accepted) {
            closed();
        }
    }

    private void encodeAndSend(GatewayStream open) throws InferenceException, IOException {
        long began = agent.scheduler().nanoTime();
        ByteBuffer payload = agent.codecs().encode(point, level, open.entropy(), activation);
        long nanos = agent.scheduler().nanoTime() - began;
        times.encoded(nanos, payload.remaining());
        agent.costs().encoded(point, level, rows, nanos, payload.remaining());
        waitingFor = "credit from the gateway";
        stream = open;
        if (!open.send(new OutgoingFrame(id, point, rows, level, deadlineNanos, payload), this)) {
            agent.link().whenOpen(this);
        } else if (settled.get()) {
            open.cancel(id);
        }
    }

    @Override
    public void handedOver(long nowNanos) {
        waitingFor = "the gateway's answer";
        times.handedOver(nowNanos);
    }

    @Override
    public void acknowledged(long nowNanos) {
        times.acknowledged(nowNanos);
    }

    @Override
    public void replied(GatewayReply reply) {
        if (settled.get()) {
            return;
        }
        try {
            Map<String, Tensor> outputs = new HashMap<>(activation.tensors());
            outputs.putAll(agent.codecs().decode(point, rows, reply.payload().duplicate()));
            learn(reply);
            Source source = point == 0 ? Source.CLOUD : Source.SPLIT;
            int batch = Math.max(rows, reply.timing().getBatchRows());
            long now = agent.scheduler().nanoTime();
            gatewayAnswered = true;
            answer(outputs, source, point, times.remote(reply, now), batch, now);
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
        failed(failure);
    }

    @Override
    public void failed(LinkFailure failure) {
        gatewayFailed |= failure.isGatewaysFault();
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
        gatewayFailed |= cause == Fallback.Cause.DEADLINE_NEAR;
        takeUpLocally(new Fallback(cause, "still waiting for " + waitingFor + " when the local run had to start"));
    }

    /** Opens the local path, once, if there is one. */
    private void takeUpLocally(Fallback why) {
        if (!agent.canFallBack() || settled.get() || !localStarted.compareAndSet(false, true)) {
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
        long began = agent.scheduler().nanoTime();
        int local = agent.contract().local();
        Map<String, Tensor> live = activation.live(agent.contract());
        long prepared = agent.scheduler().nanoTime() - began;
        SegmentRun rest = agent.head().run(point, local, live, rows, leftNanos(), settled::get);
        if (rest != null) {
            times.rest(prepared + rest.nanos());
            answerLocally(rest.crossing());
        }
    }

    private void answerLocally(Map<String, Tensor> outputs) {
        long now = agent.scheduler().nanoTime();
        answer(outputs, Source.LOCAL, agent.contract().local(), times.local(now), rows, now);
    }

    private void answer(
            Map<String, Tensor> tensors, Source source, int answeredAt, Waterfall waterfall, int batch, long now) {
        Map<String, Tensor> outputs = new LinkedHashMap<>();
        for (TensorSpec spec : agent.contract().outputs()) {
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
                source == Source.LOCAL ? fallback : null);
        if (settle(null, result.answer())) {
            Runnable second = source == Source.LOCAL ? null : secondRun(outputs);
            future.complete(result);
            if (second != null) {
                second.run();
            }
        }
    }

    /** Null unless this request is among those that are run twice. */
    private Runnable secondRun(Map<String, Tensor> outputs) {
        Shadows shadows = agent.shadows();
        Shadows.Answered answered = new Shadows.Answered(id, point, level, rows);
        return shadows == null ? null : shadows.sample(agent, answered, input, activation, outputs);
    }

    private void deadlinePassed() {
        gatewayFailed |= times.isHandedOver();
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

    private void fail(InferenceException failure) {
        if (settle(failure.getMessage(), null)) {
            future.completeExceptionally(failure);
        }
    }

    /** Ends the request; true for exactly one caller. */
    private boolean settle(String failure, Answer answer) {
        if (!settled.compareAndSet(false, true)) {
            return false;
        }
        cancelTimersIfSettled();
        GatewayStream sentOn = stream;
        if (sentOn != null) {
            sentOn.cancel(id);
        }
        if (agent.link() != null) {
            agent.link().forget(this);
            tellHowItEnded();
        }
        agent.calls().release(this);
        events.ended(failure, answer);
        return true;
    }

    private void tellHowItEnded() {
        Integer begun = begunIn;
        if (begun == null) {
            return;
        }
        if (gatewayFailed || gatewayAnswered) {
            agent.link().ended(begun, !gatewayFailed);
        } else {
            agent.link().withdrawn(begun);
        }
    }

    private synchronized void cancelTimersIfSettled() {
        if (settled.get()) {
            deadlineTimer.cancel();
            localTimer.cancel();
        }
    }

    private long leftNanos() {
        return Math.max(1, deadlineNanos - agent.scheduler().nanoTime());
    }
}
