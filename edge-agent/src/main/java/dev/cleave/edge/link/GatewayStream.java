package dev.cleave.edge.link;

import com.google.protobuf.ByteString;
import dev.cleave.codec.Entropy;
import dev.cleave.edge.estimate.AckWatch;
import dev.cleave.edge.estimate.LinkConditions;
import dev.cleave.edge.estimate.LinkEstimator;
import dev.cleave.v1.Ack;
import dev.cleave.v1.Cancel;
import dev.cleave.v1.ClientMessage;
import dev.cleave.v1.Open;
import dev.cleave.v1.Opened;
import dev.cleave.v1.Reply;
import dev.cleave.v1.Report;
import dev.cleave.v1.ServerMessage;
import dev.cleave.v1.SplitInferenceGrpc;
import io.grpc.Channel;
import io.grpc.Status;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import java.util.List;
import java.util.SortedSet;
import java.util.concurrent.TimeUnit;

/**
 * One bidirectional stream to a gateway, from {@code Open} to its end. Thread-safe.
 *
 * <pre>
 * OPENING --Opened--> OPEN --Drain--> DRAINING --last reply--> ENDED
 *    +---- refusal, time-out, error, silence, close ------------^
 * </pre>
 *
 * <p>{@code lock} guards the state, the requests and the heartbeat. It is never held while the transport, a
 * {@link ReplyHandler} or the {@link StreamOwner} is called.
 */
public final class GatewayStream implements ClientResponseObserver<ClientMessage, ServerMessage> {
    private static final LinkFailure UNACKNOWLEDGED =
            LinkFailure.silent("gateway does not acknowledge what it was sent");

    private enum State {
        OPENING,
        OPEN,
        DRAINING,
        ENDED
    }

    private final LinkSettings settings;
    private final Scheduler scheduler;
    private final StreamOwner owner;
    private final Object lock = new Object();
    private final MessagePump pump;
    private final StreamRequests requests;
    private final Heartbeat heartbeat;
    private final Suspicion suspicion = new Suspicion();
    private final long startedNanos;
    private final long handshakeNanos;
    private State state = State.OPENING;
    private OpenTerms terms;
    private Scheduler.Timer timer = () -> {};
    private Scheduler.Timer watchTimer = () -> {};
    private boolean watching;
    private long openedNanos;
    /** Set and read by {@link #start} alone. */
    private ClientCallStreamObserver<ClientMessage> outbound;

    /** @param estimator of the address, which outlives this stream */
    /** @param handshakeNanos until which {@code Opened} has to be there */
    GatewayStream(
            LinkSettings settings,
            long handshakeNanos,
            Scheduler scheduler,
            LinkEstimator estimator,
            StreamOwner owner) {
        this.settings = settings;
        this.scheduler = scheduler;
        this.owner = owner;
        this.pump = new MessagePump(this::nextMessage, this::transportFailed);
        this.requests = new StreamRequests(settings.maxReplyBytes(), new StreamMeter(estimator, scheduler.nanoTime()));
        this.startedNanos = scheduler.nanoTime();
        this.handshakeNanos = handshakeNanos;
        this.heartbeat = new Heartbeat(settings.pingNanos(), startedNanos);
    }

    /** Calls the gateway; the owner hears of the outcome. */
    void start(Channel channel) {
        Open open = Open.newBuilder()
                .setBundleId(settings.bundleId())
                .setDeviceId(settings.deviceId())
                .setDeviceClass(settings.deviceClass())
                .addAllEntropies(Entropies.wireNames())
                .setAgentVersion(settings.agentVersion())
                .setProtocolMinor(LinkSettings.PROTOCOL_MINOR)
                .build();
        synchronized (lock) {
            requests.control(ClientMessage.newBuilder().setOpen(open).build());
            timer = scheduler.schedule(this::handshakeTimedOut, scheduler.nanoTime() + handshakeNanos);
        }
        SplitInferenceGrpc.newStub(channel).stream(this);
        // Not before: a call that is cancelled by one thread while another one starts it throws.
        pump.attach(outbound);
        if (isEnded()) {
            pump.abort("closed before it was started");
        }
        pump.run();
    }

    private boolean isEnded() {
        synchronized (lock) {
            return state == State.ENDED;
        }
    }

    @Override
    public void beforeStart(ClientCallStreamObserver<ClientMessage> call) {
        outbound = call;
        call.setOnReadyHandler(this::transportReady);
    }

    /** The transport got rid of what it had buffered: bytes move, if slowly. */
    private void transportReady() {
        synchronized (lock) {
            heartbeat.progress(scheduler.nanoTime());
        }
        pump.run();
    }

    /** The coder that frames on this stream are written with. */
    public Entropy entropy() {
        synchronized (lock) {
            return terms.entropy();
        }
    }

    SortedSet<Integer> points() {
        synchronized (lock) {
            return terms.points();
        }
    }

    String gatewayVersion() {
        synchronized (lock) {
            return terms.gatewayVersion();
        }
    }

    /** Bytes of frames that have no credit yet. */
    long waitingBytes() {
        synchronized (lock) {
            return requests.waitingBytes();
        }
    }

    /** What this stream has in flight included. */
    LinkConditions conditions(long nowNanos) {
        synchronized (lock) {
            return requests.conditions(nowNanos);
        }
    }

    /** As {@link GatewayLink#look}. */
    void look(boolean remote) {
        synchronized (lock) {
            if (state != State.OPEN) {
                return;
            }
            requests.look(remote, scheduler.nanoTime());
        }
        pump.run();
    }

    /**
     * Sends a frame as soon as there is credit. The handler hears of its fate, on this thread already if the gateway's
     * terms forbid the frame.
     *
     * @return false if this stream takes no more frames; then nothing was done
     */
    public boolean send(OutgoingFrame frame, ReplyHandler handler) {
        String refusal;
        boolean doubted;
        synchronized (lock) {
            if (state != State.OPEN) {
                return false;
            }
            refusal = terms.refusal(frame);
            if (refusal == null) {
                requests.add(frame, handler);
            }
            doubted = suspicion.isDoubted();
        }
        if (refusal != null) {
            handler.failed(LinkFailure.refused(refusal));
        } else {
            pump.run();
            if (doubted) {
                handler.doubted(UNACKNOWLEDGED);
            }
        }
        return true;
    }

    /** Forgets a request; its handler hears nothing more. The gateway is told if it has heard of it. */
    public void cancel(long requestId) {
        synchronized (lock) {
            if (requests.cancel(requestId, scheduler.nanoTime())) {
                Cancel cancel = Cancel.newBuilder().setRequestId(requestId).build();
                requests.control(ClientMessage.newBuilder().setCancel(cancel).build());
            }
        }
        pump.run();
        endIfDrained();
    }

    /** Sends a report ahead of the frames that wait; false if this stream takes nothing more. */
    boolean report(Report report) {
        synchronized (lock) {
            if (state != State.OPEN) {
                return false;
            }
            requests.control(ClientMessage.newBuilder().setReport(report).build());
        }
        pump.run();
        return true;
    }

    /** Ends the stream from this side; every request on it fails with this. */
    void close(LinkFailure why) {
        if (end(why, 0)) {
            pump.abort(why.message());
        }
    }

    @Override
    public void onNext(ServerMessage message) {
        boolean doubtEnded;
        synchronized (lock) {
            long now = scheduler.nanoTime();
            heartbeat.progress(now);
            requests.heard(now);
            doubtEnded = suspicion.heard();
        }
        if (doubtEnded) {
            owner.trusted(this);
        }
        switch (message.getMessageCase()) {
            case OPENED -> onOpened(message.getOpened());
            case ACK -> onAck(message.getAck());
            case CREDIT ->
                onCredit(message.getCredit().getFrames(), message.getCredit().getBytes());
            case REPLY -> onReply(message.getReply());
            case DRAIN -> onDrain();
            case PONG -> onPong(message.getPong().getNonce());
            case MESSAGE_NOT_SET -> {} // of a later release
        }
    }

    @Override
    public void onError(Throwable error) {
        end(StreamFailure.of(Status.fromThrowable(error)), 0);
    }

    @Override
    public void onCompleted() {
        end(LinkFailure.unavailable("gateway ended the stream"), 0);
    }

    private void onOpened(Opened opened) {
        if (opened.hasError()) {
            long retryAfter =
                    TimeUnit.MICROSECONDS.toNanos(Math.max(0, opened.getError().getRetryAfterMicros()));
            end(LinkFailure.of(opened.getError()), retryAfter);
            pump.abort("refused");
            return;
        }
        try {
            accept(OpenTerms.of(opened, settings), opened);
        } catch (IllegalArgumentException e) {
            close(LinkFailure.refused(e.getMessage()));
            return;
        }
        pump.run();
    }

    private void accept(OpenTerms granted, Opened opened) {
        synchronized (lock) {
            if (state != State.OPENING) {
                throw new IllegalArgumentException("gateway opened the stream twice; expected once");
            }
            state = State.OPEN;
            openedNanos = scheduler.nanoTime();
            terms = granted;
            requests.open(opened.getCredit(), granted.chunkBytes());
            timer.cancel();
            beat();
        }
        owner.opened(this);
    }

    private void onAck(Ack ack) {
        long now = scheduler.nanoTime();
        ReplyHandler handler;
        synchronized (lock) {
            handler = requests.acknowledged(ack.getRequestId(), now);
        }
        if (handler != null) {
            handler.acknowledged(ack.getHeldReference(), now);
        }
    }

    private void onCredit(int frames, long bytes) {
        synchronized (lock) {
            requests.credit(frames, bytes);
        }
        pump.run();
    }

    private void onReply(Reply reply) {
        Runnable outcome;
        synchronized (lock) {
            outcome = requests.replied(reply, scheduler.nanoTime());
        }
        outcome.run();
        pump.run();
        endIfDrained();
    }

    private void onDrain() {
        if (drain()) {
            owner.draining(this);
            endIfDrained();
        }
    }

    /** Takes no more requests and ends when the last is answered; false if it is not open. */
    boolean drain() {
        synchronized (lock) {
            if (state != State.OPEN) {
                return false;
            }
            state = State.DRAINING;
            return true;
        }
    }

    /** Ends it if nobody waits for an answer on it any more. */
    void endIfDrained() {
        boolean drained;
        synchronized (lock) {
            drained = state == State.DRAINING && requests.isEmpty();
        }
        if (drained && end(LinkFailure.unavailable("gateway drained the stream"), 0)) {
            pump.halfClose();
        }
    }

    private void onPong(long nonce) {
        synchronized (lock) {
            heartbeat.pong(nonce);
            requests.ponged(nonce, scheduler.nanoTime());
        }
    }

    /** Pings, and looks again one interval later. Under the lock. */
    private void beat() {
        long now = scheduler.nanoTime();
        if (!heartbeat.isWaiting()) {
            heartbeat.ping(requests.ping(ByteString.EMPTY), now);
        }
        timer = scheduler.schedule(this::heartbeatDue, now + settings.pingNanos());
    }

    private void heartbeatDue() {
        boolean silent;
        synchronized (lock) {
            if (state == State.ENDED) {
                return;
            }
            silent = heartbeat.isSilent(scheduler.nanoTime());
            if (!silent) {
                beat();
            }
        }
        if (silent) {
            close(LinkFailure.silent("gateway is silent: no answer to a ping in "
                    + TimeUnit.NANOSECONDS.toMillis(2 * settings.pingNanos()) + " ms"));
        }
        pump.run();
    }

    private void handshakeTimedOut() {
        synchronized (lock) {
            if (state != State.OPENING) {
                return;
            }
        }
        close(LinkFailure.silent(
                "gateway did not open the stream within " + TimeUnit.NANOSECONDS.toMillis(handshakeNanos) + " ms"));
    }

    /** For the pump. */
    private MessagePump.Item nextMessage(boolean room) {
        synchronized (lock) {
            if (state == State.ENDED) {
                return null;
            }
            long now = scheduler.nanoTime();
            MessagePump.Item next = requests.next(room, now);
            watch(now);
            return next;
        }
    }

    /** Sees to it that an acknowledgement that does not come is noticed. Under the lock. */
    private void watch(long nowNanos) {
        if (watching || state == State.OPENING || state == State.ENDED) {
            return;
        }
        long wait = suspicion.nanosUntilCheck(requests.nanosUntilOverdue(nowNanos), nowNanos);
        if (wait != AckWatch.NEVER) {
            watching = true;
            watchTimer = scheduler.schedule(this::watchDue, nowNanos + wait);
        }
    }

    private void watchDue() {
        Suspicion.Verdict verdict;
        List<ReplyHandler> waiting;
        long now = scheduler.nanoTime();
        synchronized (lock) {
            watching = false;
            if (state == State.ENDED) {
                return;
            }
            verdict = suspicion.check(requests.nanosUntilOverdue(now), requests.allowanceNanos(now), now);
            if (verdict == Suspicion.Verdict.DOUBT) {
                requests.ping(ByteString.EMPTY); // its answer ends the doubt where nothing else would come
            }
            waiting = requests.waiting();
            watch(now);
        }
        switch (verdict) {
            case DOUBT -> doubt(waiting);
            case GIVE_UP -> close(LinkFailure.silent("gateway is silent: no acknowledgement comes"));
            case NOTHING -> {}
        }
    }

    private void doubt(List<ReplyHandler> waiting) {
        owner.doubted(this, UNACKNOWLEDGED);
        for (ReplyHandler handler : waiting) {
            handler.doubted(UNACKNOWLEDGED);
        }
        pump.run();
    }

    /** What opening took. */
    long handshakeNanos() {
        synchronized (lock) {
            return openedNanos - startedNanos;
        }
    }

    private void transportFailed(RuntimeException e) {
        close(LinkFailure.unavailable(
                "stream to the gateway broke: " + LinkFailure.line(String.valueOf(e.getMessage()))));
    }

    /** The only way to {@code ENDED}; false if it had ended. */
    private boolean end(LinkFailure why, long retryAfterNanos) {
        List<ReplyHandler> left;
        synchronized (lock) {
            if (state == State.ENDED) {
                return false;
            }
            state = State.ENDED;
            timer.cancel();
            watchTimer.cancel();
            left = requests.takeAll();
        }
        owner.ended(this, why, retryAfterNanos);
        for (ReplyHandler handler : left) {
            handler.failed(why);
        }
        return true;
    }
}
