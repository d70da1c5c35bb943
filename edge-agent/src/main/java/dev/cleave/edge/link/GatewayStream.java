package dev.cleave.edge.link;

import dev.cleave.codec.Entropy;
import dev.cleave.v1.Cancel;
import dev.cleave.v1.ClientMessage;
import dev.cleave.v1.Open;
import dev.cleave.v1.Opened;
import dev.cleave.v1.Ping;
import dev.cleave.v1.Pong;
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
    private State state = State.OPENING;
    private OpenTerms terms;
    private Scheduler.Timer timer = () -> {};
    /** Set and read by {@link #start} alone. */
    private ClientCallStreamObserver<ClientMessage> outbound;

    GatewayStream(LinkSettings settings, Scheduler scheduler, StreamOwner owner) {
        this.settings = settings;
        this.scheduler = scheduler;
        this.owner = owner;
        this.pump = new MessagePump(this::nextMessage, this::transportFailed);
        this.requests = new StreamRequests(settings.maxReplyBytes());
        this.heartbeat = new Heartbeat(settings.pingNanos(), scheduler.nanoTime());
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
            timer = scheduler.schedule(this::handshakeTimedOut, scheduler.nanoTime() + settings.handshakeNanos());
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

    /**
     * Sends a frame as soon as there is credit. The handler hears of its fate, on this thread already if the gateway's
     * terms forbid the frame.
     *
     * @return false if this stream takes no more frames; then nothing was done
     */
    public boolean send(OutgoingFrame frame, ReplyHandler handler) {
        String refusal;
        synchronized (lock) {
            if (state != State.OPEN) {
                return false;
            }
            refusal = terms.refusal(frame);
            if (refusal == null) {
                requests.add(frame, handler);
            }
        }
        if (refusal != null) {
            handler.failed(LinkFailure.refused(refusal));
        } else {
            pump.run();
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
        synchronized (lock) {
            heartbeat.progress(scheduler.nanoTime());
        }
        switch (message.getMessageCase()) {
            case OPENED -> onOpened(message.getOpened());
            case ACK -> onAck(message.getAck().getRequestId());
            case CREDIT ->
                onCredit(message.getCredit().getFrames(), message.getCredit().getBytes());
            case REPLY -> onReply(message.getReply());
            case DRAIN -> onDrain();
            case PONG -> onPong(message.getPong());
            case MESSAGE_NOT_SET -> {} // of a later release
        }
    }

    @Override
    public void onError(Throwable error) {
        Status status = Status.fromThrowable(error);
        String text = status.getDescription() == null ? "" : ": " + LinkFailure.line(status.getDescription());
        text += reason(status.getCause());
        LinkFailure.Kind kind = switch (status.getCode()) {
            case UNAUTHENTICATED, PERMISSION_DENIED, UNIMPLEMENTED -> LinkFailure.Kind.REFUSED;
            default -> LinkFailure.Kind.UNAVAILABLE;
        };
        end(new LinkFailure(kind, "stream to the gateway ended with " + status.getCode() + text), 0);
    }

    /** "io exception" alone does not tell a gateway that is down from a port that speaks something else. */
    private static String reason(Throwable cause) {
        Throwable root = cause;
        while (root != null && root.getCause() != null && root.getCause() != root) {
            root = root.getCause();
        }
        return root == null || root.getMessage() == null ? "" : " (" + LinkFailure.line(root.getMessage()) + ")";
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
            terms = granted;
            requests.open(opened.getCredit(), granted.chunkBytes());
            timer.cancel();
            beat();
        }
        owner.opened(this);
    }

    private void onAck(long requestId) {
        long now = scheduler.nanoTime();
        ReplyHandler handler;
        synchronized (lock) {
            handler = requests.acknowledged(requestId, now);
        }
        if (handler != null) {
            handler.acknowledged(now);
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
        endIfDrained();
    }

    private void onDrain() {
        synchronized (lock) {
            if (state != State.OPEN) {
                return;
            }
            state = State.DRAINING;
        }
        owner.draining(this);
        endIfDrained();
    }

    private void endIfDrained() {
        boolean drained;
        synchronized (lock) {
            drained = state == State.DRAINING && requests.isEmpty();
        }
        if (drained && end(LinkFailure.unavailable("gateway drained the stream"), 0)) {
            pump.halfClose();
        }
    }

    private void onPong(Pong pong) {
        synchronized (lock) {
            long rtt = heartbeat.pong(pong.getNonce(), scheduler.nanoTime());
            if (rtt >= 0) {
                requests.roundTrip(rtt);
            }
        }
    }

    /** Pings, and looks again one interval later. Under the lock. */
    private void beat() {
        long now = scheduler.nanoTime();
        if (!heartbeat.isWaiting()) {
            Ping ping = Ping.newBuilder().setNonce(heartbeat.ping(now)).build();
            requests.control(ClientMessage.newBuilder().setPing(ping).build());
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
            close(LinkFailure.unavailable("gateway is silent: no answer to a ping in "
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
        close(LinkFailure.unavailable("gateway did not open the stream within "
                + TimeUnit.NANOSECONDS.toMillis(settings.handshakeNanos()) + " ms"));
    }

    /** For the pump. */
    private MessagePump.Item nextMessage(boolean room) {
        synchronized (lock) {
            return state == State.ENDED ? null : requests.next(room, scheduler.nanoTime());
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
            left = requests.takeAll();
        }
        owner.ended(this, why, retryAfterNanos);
        for (ReplyHandler handler : left) {
            handler.failed(why);
        }
        return true;
    }
}
