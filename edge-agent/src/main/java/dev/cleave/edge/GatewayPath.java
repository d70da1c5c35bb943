package dev.cleave.edge;

import dev.cleave.codec.CodecException;
import dev.cleave.edge.events.Fallback;
import dev.cleave.edge.events.Source;
import dev.cleave.edge.link.FrameSource;
import dev.cleave.edge.link.GatewayLink;
import dev.cleave.edge.link.GatewayReply;
import dev.cleave.edge.link.GatewayStream;
import dev.cleave.edge.link.LinkFailure;
import dev.cleave.edge.link.OutgoingFrame;
import dev.cleave.edge.policy.UplinkRoom;
import dev.cleave.tensor.Tensor;
import dev.cleave.v1.GatewayTiming;
import dev.cleave.wire.StateSender.Continuity;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * One request's way over the gateway: from the boundary in hand to the gateway's answer, sent as often as that may help.
 *
 * <pre>
 *                          worker           transport
 * begin -&gt; link.whenOpen -&gt; stream.whenRoom -&gt; encodeAndSend -&gt; handedOver -&gt; acknowledged -&gt; replied -&gt; owner.answered
 *             ^    |              |                      |
 *             |    | unavailable  | stream is over       | failed
 *             |    +--------------|-------------+--------+-&gt; owner.lost
 *             +-------------------+-------------+
 *                 the reference or the state is lost: coded anew; the stream is lost: to another gateway
 * </pre>
 *
 * <p>What becomes of the request, and all that is done on the device, is its {@link PathOwner}'s business. After {@link #end} nothing more
 * comes of this.
 */
final class GatewayPath implements GatewayLink.Waiter, FrameSource {
    private final AgentParts agent;
    private final CallPlan plan;
    private final CallContext context;
    private final CallTimes times;
    private final Failures failures;
    private final PathOwner owner;
    private final GatewayVerdict verdict = new GatewayVerdict();

    /** Of the frame; another one than the request's if it had to be sent again. */
    private volatile long frameId;

    /** Null before it begins. */
    private volatile String waitingFor;

    private volatile GatewayStream stream;
    /** There was one to send it on. */
    private volatile boolean connected;
    /** Gateways that were lost with it; one stream at a time tells. */
    private volatile int turns;

    GatewayPath(
            AgentParts agent, CallPlan plan, CallContext context, CallTimes times, Failures failures, PathOwner owner) {
        this.agent = agent;
        this.plan = plan;
        this.frameId = plan.id();
        this.context = context;
        this.times = times;
        this.failures = failures;
        this.owner = owner;
    }

    /** The boundary is there. */
    void begin() {
        await("a connection to the gateway");
    }

    private void await(String what) {
        waitingFor = what;
        agent.link().whenOpen(this);
    }

    /** In words; null before it begins. */
    String waitingFor() {
        return waitingFor;
    }

    /** Whether there was a stream to send it on. */
    boolean isConnected() {
        return connected;
    }

    /** Whatever comes now comes too late; says what it was that took so long, and the breaker hears of it if it was the gateway. */
    Fallback.Cause late() {
        if (times.isHandedOver()) {
            verdict.failed();
            return Fallback.Cause.DEADLINE_NEAR;
        }
        return stream == null ? Fallback.Cause.LINK_DOWN : Fallback.Cause.NO_CREDIT;
    }

    /** The request is over: the gateway is told if it has heard of it. */
    void end() {
        GatewayStream sentOn = stream;
        if (sentOn != null) {
            sentOn.withdraw(this);
            sentOn.cancel(frameId);
        }
        if (agent.link() != null) {
            agent.link().forget(this);
            verdict.tell(agent.link());
        }
    }

    @Override
    public boolean isPatient() {
        return !agent.canFallBack(plan.point());
    }

    @Override
    public void opened(GatewayStream open) {
        connected = true;
        waitingFor = "credit from the gateway";
        stream = open;
        open.whenRoom(this);
        if (owner.isOver()) {
            open.withdraw(this);
        }
    }

    @Override
    public void turnedAway() {
        owner.urgently(() -> agent.link().whenOpen(this));
    }

    @Override
    public boolean isSmall() {
        Activation reached = owner.activation();
        return reached == null || UplinkRoom.isSmall(reached.bytes());
    }

    @Override
    public void turn(GatewayStream open) {
        owner.urgently(() -> encodeAndSend(open));
    }

    private void encodeAndSend(GatewayStream open) throws InferenceException, IOException {
        Activation reached = owner.activation();
        CodedFrame coded = null;
        try {
            coded = reached == null ? null : encode(open, reached);
        } finally {
            if (coded == null) {
                open.withdraw(this);
            }
        }
        if (coded != null) {
            send(coded, open);
        }
    }

    private void send(CodedFrame coded, GatewayStream open) {
        verdict.begun(agent.link(), open);
        owner.coded();
        long frame = frameId;
        OutgoingFrame outgoing = new OutgoingFrame(
                frame,
                plan.point(),
                plan.rows(),
                plan.level(),
                0,
                plan.deadlineNanos(),
                coded.place(),
                coded.state(),
                coded.payload());
        if (!open.send(outgoing, this)) {
            agent.link().whenOpen(this);
        } else if (owner.isOver()) {
            open.cancel(frame);
            context.ended();
        }
        if (owner.isOver()) {
            verdict.tell(agent.link());
        }
    }

    private CodedFrame encode(GatewayStream open, Activation reached) throws InferenceException, IOException {
        long began = agent.scheduler().nanoTime();
        CodedFrame coded = context.encode(plan.point(), plan.level(), open, reached);
        int bytes = coded.payload().remaining();
        long nanos = agent.scheduler().nanoTime() - began;
        times.encoded(nanos, bytes);
        agent.costs().encoded(plan.point(), plan.level(), plan.rows(), nanos, bytes);
        return coded;
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
        Activation reached = owner.activation();
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
            outputs.putAll(agent.codecs()
                    .decode(plan.point(), plan.rows(), reply.payload().duplicate()));
            learn(reply);
            Source source = plan.point() == 0 ? Source.CLOUD : Source.SPLIT;
            int batch = Math.max(plan.rows(), reply.timing().getBatchRows());
            long now = agent.scheduler().nanoTime();
            verdict.answered();
            boolean isReset = continuity == Continuity.BEGINS_ANEW;
            owner.answered(outputs, source, times.remote(reply, now), batch, isReset, now);
        } catch (CodecException | RuntimeException e) {
            failed(new LinkFailure(LinkFailure.Kind.EXECUTION, "gateway's outputs do not decode: " + e.getMessage()));
        }
    }

    private void learn(GatewayReply reply) {
        GatewayTiming timing = reply.timing();
        agent.costs()
                .answered(
                        plan.point(),
                        plan.rows(),
                        reply.payload().remaining(),
                        TimeUnit.MICROSECONDS.toNanos(timing.getDecodeMicros()),
                        TimeUnit.MICROSECONDS.toNanos(timing.getTailMicros()));
    }

    @Override
    public void unavailable(LinkFailure failure) {
        lost(failure);
    }

    @Override
    public void failed(LinkFailure failure) {
        if (!codedAnew(failure) && !sentElsewhere(failure)) {
            lost(failure);
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
        await("a connection to the gateway");
        return true;
    }

    /**
     * Where the device cannot help itself, a request that was lost with its stream goes to the next gateway: inference changes
     * nothing, so it may be run twice, and the first stream ended, so it is not answered twice. Each gateway has one turn: a
     * request that breaks them is not handed on for ever.
     */
    private boolean sentElsewhere(LinkFailure failure) {
        boolean lost = failure.isOfLink() && !agent.canFallBack(plan.point()) && !owner.isOver();
        if (!lost || ++turns >= agent.link().gateways()) {
            return false;
        }
        stream = null;
        verdict.withdraw(agent.link());
        times.lost();
        await("a connection to another gateway");
        return true;
    }

    private void lost(LinkFailure failure) {
        if (failure.isGatewaysFault()) {
            verdict.failed();
        }
        owner.lost(new Fallback(Failures.cause(failure), failure.message()), failures.link(failure));
    }

    @Override
    public void doubted(LinkFailure why) {
        owner.doubted(new Fallback(Fallback.Cause.LINK_DOWN, why.message()));
    }
}
