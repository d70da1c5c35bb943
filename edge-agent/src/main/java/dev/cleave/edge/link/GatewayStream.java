package dev.cleave.edge.link;

import dev.cleave.codec.Entropy;
import dev.cleave.v1.ClientMessage;
import dev.cleave.v1.Opened;
import dev.cleave.v1.SplitInferenceGrpc;
import io.grpc.Channel;
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
 * <p>{@link StreamInbox} has what comes down, {@link StreamUplink} what goes up; this is how the stream begins and ends.
 *
 * <p>{@code lock}, which these share, guards the state, the requests and the {@link StreamWatch}. It is never held while the transport, a
 * {@link ReplyHandler} or the {@link StreamOwner} is called.
 */
public final class GatewayStream {
    private enum State {
        OPENING,
        OPEN,
        DRAINING,
        ENDED
    }

    private final Endpoint endpoint;
    private final long number;
    private final LinkSettings settings;
    private final Scheduler scheduler;
    private final StreamOwner owner;
    private final Object lock = new Object();
    private final StreamRequests requests;
    private final StreamWatch watch;
    private final StreamUplink uplink;
    private final Handshake handshake;
    private State state = State.OPENING;

    /**
     * An attempt at an address. Under the link's lock.
     *
     * @param number of the stream, unique within the agent
     */
    GatewayStream(Endpoint endpoint, long number, LinkSettings settings, Scheduler scheduler, StreamOwner owner) {
        this.endpoint = endpoint;
        this.number = number;
        this.settings = settings;
        this.scheduler = scheduler;
        this.owner = owner;
        this.handshake = new Handshake(scheduler, endpoint.pace().handshakeNanos());
        StreamMeter meter = new StreamMeter(endpoint.estimator(), handshake.begunNanos());
        this.requests = new StreamRequests(settings.maxReplyBytes(), meter);
        this.watch = new StreamWatch(lock, scheduler, settings.pingNanos(), requests, new Silence());
        this.uplink = new StreamUplink(this, lock, scheduler, requests, watch, this::transportFailed);
    }

    /** Calls the gateway; the owner hears of the outcome. */
    void start(Channel channel) {
        synchronized (lock) {
            requests.control(ClientMessage.newBuilder().setOpen(settings.open()).build());
            handshake.limit(this::handshakeTimedOut);
        }
        StreamInbox inbox = new StreamInbox(this, lock, scheduler, requests, watch, uplink);
        SplitInferenceGrpc.newStub(channel).stream(inbox);
        // Not before: a call that is cancelled by one thread while another one starts it throws.
        uplink.attach(inbox.outbound());
    }

    /** The coder that frames on this stream are written with. */
    public Entropy entropy() {
        synchronized (lock) {
            return handshake.terms().entropy();
        }
    }

    SortedSet<Integer> points() {
        synchronized (lock) {
            return handshake.terms().points();
        }
    }

    Endpoint endpoint() {
        return endpoint;
    }

    StreamUplink uplink() {
        return uplink;
    }

    /** Once it is open: what tells this stream from all others of the agent. */
    public Connection connection() {
        synchronized (lock) {
            return new Connection(number, endpoint.address(), handshake.terms().gatewayVersion());
        }
    }

    /** What opening took. */
    long handshakeNanos() {
        synchronized (lock) {
            return handshake.tookNanos();
        }
    }

    /** Whether the gateway should have said something by now, and has not. */
    boolean isDoubted() {
        synchronized (lock) {
            return watch.isDoubted();
        }
    }

    /** Has a frame wait for its turn to be coded, which may come at once. It is withdrawn when nobody needs it any more. */
    public void whenRoom(FrameSource source) {
        uplink.whenRoom(source);
    }

    /** It is not coded, or not any more: the next one's turn. */
    public void withdraw(FrameSource source) {
        uplink.withdraw(source);
    }

    /**
     * Sends a frame as soon as there is credit. The handler hears of its fate, on this thread already if the gateway's
     * terms forbid the frame.
     *
     * @return false if this stream takes no more frames; then nothing was done
     */
    public boolean send(OutgoingFrame frame, ReplyHandler handler) {
        return uplink.send(frame, handler);
    }

    /** Forgets a request; its handler hears nothing more. The gateway is told if it has heard of it. */
    public void cancel(long requestId) {
        uplink.cancel(requestId);
        endIfDrained();
    }

    /** Nothing more comes of a stream of frames: the gateway lets go of the state or the video of that number. */
    public void forget(long streamId) {
        uplink.forget(streamId);
    }

    /** Ends the stream from this side; every request on it fails with this. */
    void close(LinkFailure why) {
        close(why, 0);
    }

    /** The same; the address is to be left alone for a while. */
    void close(LinkFailure why, long retryAfterNanos) {
        if (end(why, retryAfterNanos)) {
            uplink.abort(why.message());
        }
    }

    /** Any message came; what it is follows. */
    void onHeard() {
        boolean doubtEnded;
        synchronized (lock) {
            long now = scheduler.nanoTime();
            requests.heard(now);
            doubtEnded = watch.heard(now);
        }
        if (doubtEnded) {
            owner.trustChanged(this);
            uplink.sendOn();
        }
    }

    /** The transport's word. */
    void onEnd(LinkFailure why) {
        end(why, 0);
    }

    void onOpened(Opened opened) {
        if (opened.hasError()) {
            long retryAfter =
                    TimeUnit.MICROSECONDS.toNanos(Math.max(0, opened.getError().getRetryAfterMicros()));
            end(LinkFailure.of(opened.getError()), retryAfter);
            uplink.abort("refused");
            return;
        }
        try {
            accept(OpenTerms.of(opened, settings), opened);
        } catch (IllegalArgumentException e) {
            close(LinkFailure.refused(e.getMessage()));
            return;
        }
        uplink.sendOn();
    }

    private void accept(OpenTerms granted, Opened opened) {
        synchronized (lock) {
            if (state != State.OPENING) {
                throw new IllegalArgumentException("gateway opened the stream twice; expected once");
            }
            state = State.OPEN;
            handshake.succeeded(granted);
            uplink.open(opened.getCredit(), granted);
            watch.opened();
        }
        owner.opened(this);
    }

    void onDrain() {
        if (drain()) {
            owner.draining(this);
            endIfDrained();
        }
    }

    /** Takes no more requests and ends when the last is answered; false if it is not open. */
    boolean drain() {
        List<FrameSource> left;
        synchronized (lock) {
            if (state != State.OPEN) {
                return false;
            }
            state = State.DRAINING;
            left = uplink.shut();
        }
        left.forEach(FrameSource::turnedAway);
        return true;
    }

    /** Ends it if nobody waits for an answer on it any more. */
    void endIfDrained() {
        boolean drained;
        synchronized (lock) {
            drained = state == State.DRAINING && requests.isEmpty();
        }
        if (drained && end(LinkFailure.unavailable("gateway drained the stream"), 0)) {
            uplink.halfClose();
        }
    }

    private void handshakeTimedOut() {
        synchronized (lock) {
            if (state != State.OPENING) {
                return;
            }
        }
        close(handshake.timeOut());
    }

    private void transportFailed(RuntimeException e) {
        close(LinkFailure.unavailable(
                "stream to the gateway broke: " + LinkFailure.line(String.valueOf(e.getMessage()))));
    }

    /** What the watch finds. */
    private final class Silence implements StreamWatch.Alarm {
        @Override
        public void queued() {
            uplink.sendOn();
        }

        @Override
        public void doubted(LinkFailure why, List<ReplyHandler> waiting) {
            owner.trustChanged(GatewayStream.this);
            uplink.doubted(endpoint.named(why), waiting);
        }

        @Override
        public void givenUp(LinkFailure why) {
            close(why);
        }
    }

    /** The only way to {@code ENDED}; false if it had ended. */
    private boolean end(LinkFailure why, long retryAfterNanos) {
        List<ReplyHandler> left;
        synchronized (lock) {
            if (state == State.ENDED) {
                return false;
            }
            state = State.ENDED;
            handshake.ended();
            watch.ended();
            left = uplink.end();
        }
        owner.ended(this, why, retryAfterNanos);
        LinkFailure named = endpoint.named(why);
        for (ReplyHandler handler : left) {
            handler.failed(named);
        }
        return true;
    }
}
