package dev.cleave.edge;

import dev.cleave.edge.events.Answer;
import dev.cleave.edge.events.Decision;
import dev.cleave.edge.events.Fallback;
import dev.cleave.edge.events.Source;
import dev.cleave.edge.events.Waterfall;
import dev.cleave.edge.head.SegmentRun;
import dev.cleave.edge.policy.Choice;
import dev.cleave.engine.EngineException;
import dev.cleave.engine.RunTimeoutException;
import dev.cleave.tensor.Tensor;
import dev.cleave.tensor.TensorSpec;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * One request, from the head to the answer.
 *
 * <pre>
 * LOCAL   runHead ------------------------------------------------&gt; answer
 * SPLIT   runHead ---&gt; GatewayPath --------------------------------&gt; answer
 *                           |  lost, doubted, no connection yet,
 *                           |  or time is nearly up
 *                           +-----------&gt; DevicePath --------------&gt; answer
 * </pre>
 *
 * <p>Up to two paths lead to the answer at once, the gateway's and the device's, and the first wins. {@link #settle} is
 * the one place where a request ends: whoever gets true from it completes the future. A path that comes to nothing says
 * so ({@link #pathFailed}); the request fails when no path is left, or at its deadline.
 */
final class InferenceCall implements PathOwner {
    private final AgentParts agent;
    private final CallPlan plan;
    private final CallContext context;
    private final Decision decision;
    private final CallTimes times;
    private final CallTimers timers;
    private final CallEvents events;
    private final Failures failures;
    private final GatewayPath gateway;
    private final DevicePath device;
    private final CompletableFuture<InferenceResult> future = new CompletableFuture<>();
    private final AtomicBoolean settled = new AtomicBoolean();
    private volatile String waitingFor = "the worker thread";
    /** Null once nobody needs it any more. */
    private volatile InferenceInput input;

    /** Null before the head was run, and when all is over. */
    private volatile Activation activation;

    private volatile Fallback fallback;
    /** Guarded by this. */
    private int paths = 1;

    InferenceCall(AgentParts agent, long id, Request request, Choice choice, CallContext context) {
        this.agent = agent;
        this.plan = new CallPlan(id, choice.point(), choice.level(), request.rows(), request.deadlineNanos());
        this.context = context;
        this.input = request.input();
        this.decision = agent.decision(choice);
        this.times = new CallTimes(request.askedNanos());
        this.timers = new CallTimers(agent.scheduler());
        this.events = new CallEvents(agent.listener(), id);
        this.failures = new Failures(agent, id, choice.point(), request.allowedNanos());
        this.gateway = new GatewayPath(agent, plan, context, times, failures, this);
        this.device = new DevicePath(agent, plan, times, failures, this, gateway);
    }

    CompletableFuture<InferenceResult> future() {
        return future;
    }

    /** Begins. The request was admitted; it is released when it ends. */
    void start() {
        events.started(decision, plan.rows());
        future.whenComplete((result, failure) -> settle("cancelled", null));
        timers.atDeadline(this::deadlinePassed, plan.deadlineNanos());
        if (!agent.head().execute(() -> onWorker(this::runHead))) {
            closed();
        }
    }

    /** The agent closes. */
    void closed() {
        fail(failures.closed());
    }

    /** Runs a step of a path unless all is over; what it throws ends the path. */
    private void onWorker(Step step) {
        if (isOver()) {
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

    @Override
    public void urgently(Step step) {
        if (!agent.head().executeUrgently(() -> onWorker(step))) {
            closed();
        }
    }

    private void runHead() throws InferenceException, EngineException {
        InferenceInput given = input;
        if (given == null) {
            return;
        }
        waitingFor = "the head";
        requireTime();
        long began = agent.scheduler().nanoTime();
        Activation reached = Activation.of(given, agent.contract());
        Map<String, Tensor> live = plan.point() == 0 ? null : prepared(reached);
        times.head(agent.scheduler().nanoTime() - began);
        if (live != null) {
            SegmentRun head = agent.head().run(0, plan.point(), live, plan.rows(), agent.leftNanos(plan), this::isOver);
            if (head == null) {
                return;
            }
            times.head(head.nanos());
            reached = Activation.of(head.crossing());
        }
        agent.calls().headEnded(this);
        context.headEnded(plan.point(), reached.tensors());
        goOn(reached);
    }

    private void requireTime() throws InferenceException {
        long left = agent.leftNanos(plan);
        if (!agent.head().mayBegin(0, plan.point(), plan.rows(), left)) {
            boolean local = plan.point() == agent.contract().local();
            long takes = agent.head().estimateNanos(0, plan.point(), plan.rows());
            throw failures.notBegun(local ? "the local run" : "the head", takes, left);
        }
    }

    /** The inputs as the first segment takes them. */
    private Map<String, Tensor> prepared(Activation start) throws InferenceException {
        long began = agent.scheduler().nanoTime();
        Map<String, Tensor> live = start.live(agent.contract());
        if (start.pictures() != null) {
            agent.head().prepared(plan.rows(), agent.scheduler().nanoTime() - began);
        }
        return context.withState(plan.point(), live, plan.rows());
    }

    private void goOn(Activation reached) {
        if (plan.point() == agent.contract().local()) {
            long now = agent.scheduler().nanoTime();
            answered(reached.tensors(), Source.LOCAL, times.local(now), plan.rows(), false, now);
            return;
        }
        keep(reached);
        device.beginInTime(timers);
        gateway.begin();
        device.beginWithoutConnection(timers);
    }

    /** From here the request is encoded, or finished locally; its input is of use for a second run on the gateway alone. */
    private void keep(Activation reached) {
        activation = reached;
        if (agent.shadows() == null || agent.head().reachesLocal()) {
            input = null;
        }
        if (isOver()) {
            letGo();
        }
    }

    private void letGo() {
        input = null;
        activation = null;
    }

    @Override
    public Activation activation() {
        return activation;
    }

    @Override
    public void coded() {
        agent.calls().coded(this);
    }

    @Override
    public boolean isOver() {
        return settled.get();
    }

    @Override
    public void doubted(Fallback why) {
        device.begin(why);
    }

    @Override
    public void lost(Fallback why, InferenceException failure) {
        device.begin(why);
        pathFailed(failure);
    }

    @Override
    public void begun(Fallback why) {
        synchronized (this) {
            paths++;
        }
        fallback = why;
        context.takenUp();
        events.fallback(why);
    }

    @Override
    public void answered(
            Map<String, Tensor> tensors,
            Source source,
            Waterfall waterfall,
            int batch,
            boolean stateReset,
            long nowNanos) {
        Map<String, Tensor> outputs = new LinkedHashMap<>();
        for (TensorSpec spec : agent.contract().outputsWithoutState()) {
            outputs.put(spec.name(), tensors.get(spec.name()));
        }
        boolean local = source == Source.LOCAL;
        InferenceResult result = new InferenceResult(
                outputs,
                Labels.of(agent.contract(), outputs, plan.rows()),
                source,
                local ? agent.contract().local() : plan.point(),
                waterfall,
                times.wireBytes(),
                batch,
                nowNanos - plan.deadlineNanos() <= 0,
                decision,
                local ? fallback : null,
                stateReset);
        InferenceInput given = input;
        Activation reached = activation;
        if (settle(null, result.answer())) {
            Runnable second = local ? null : secondRun(given, reached, outputs);
            future.complete(result);
            if (second != null) {
                second.run();
            }
        }
    }

    /** Null unless this request is among those that are run twice. */
    private Runnable secondRun(InferenceInput given, Activation reached, Map<String, Tensor> outputs) {
        Shadows shadows = agent.shadows();
        return shadows == null || reached == null ? null : shadows.sample(agent, plan, given, reached, outputs);
    }

    private void deadlinePassed() {
        gateway.late();
        String waiting = gateway.waitingFor();
        fail(failures.deadline(waiting == null ? waitingFor : waiting, null));
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
        gateway.end();
        letGo();
        context.ended();
        agent.calls().release(this);
        events.ended(failure, answer);
        return true;
    }
}
