package dev.cleave.edge.link;

import dev.cleave.codec.Entropy;
import dev.cleave.edge.estimate.LinkConditions;
import dev.cleave.v1.Cancel;
import dev.cleave.v1.ClientMessage;
import dev.cleave.v1.Opened;
import dev.cleave.v1.Report;
import dev.cleave.v1.SplitInferenceGrpc;
import io.grpc.Channel;
import java.util.ArrayList;
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
 * <p>{@code lock} guards the state, the requests and the {@link StreamWatch}. It is never held while the transport, a
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
    private final MessagePump pump;
    private final StreamRequests requests;
    private final CodingTurns turns = new CodingTurns();
    private final StreamWatch watch;
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
        this.pump = new MessagePump(this::nextMessage, this::transportFailed);
        StreamMeter meter = new StreamMeter(endpoint.estimator(), handshake.begunNanos());
        this.requests = new StreamRequests(settings.maxReplyBytes(), meter);
        this.watch = new StreamWatch(lock, scheduler, settings.pingNanos(), requests, new Silence());
    }

    /** Calls the gateway; the owner hears of the outcome. */
    void start(Channel channel) {
        synchronized (lock) {
            requests.control(ClientMessage.newBuilder().setOpen(settings.open()).build());
            handshake.limit(this::handshakeTimedOut);
        }
        StreamInbox inbox = new StreamInbox(this, lock, scheduler, requests, watch, pump);
        SplitInferenceGrpc.newStub(channel).stream(inbox);
        // Not before: a call that is cancelled by one thread while another one starts it throws.
        pump.attach(inbox.outbound());
        if (isEnded()) {
            pump.abort("closed before it was started");
        }
        sendOn();
    }

    private boolean isEnded() {
        synchronized (lock) {
            return state == State.ENDED;
        }
    }

    /** The transport got rid of what it had buffered: bytes move, if slowly. */
    void onReady() {
        synchronized (lock) {
            watch.moved(scheduler.nanoTime());
        }
        sendOn();
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

    /** Once it is open: what tells this stream from all others of the agent. */
    public Connection connection() {
        synchronized (lock) {
            return new Connection(number, endpoint.address(), handshake.terms().gatewayVersion());
        }
    }

    /** Whether the gateway should have said something by now, and has not. */
    boolean isDoubted() {
        synchronized (lock) {
            return watch.isDoubted();
        }
    }

    /** Bytes of frames that have no credit yet. */
    long waitingBytes() {
        synchronized (lock) {
            return requests.waitingBytes();
        }
    }

    /** Bytes of frames that were not handed to the transport. */
    long unsentBytes() {
        synchronized (lock) {
            return requests.unsentBytes();
        }
    }

    /** What this stream has to send, and in flight, included. */
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
        sendOn();
    }

    /** Hands over what may go, and lets the next frame be coded if that leaves little to send. */
    void sendOn() {
        pump.run();
        FrameSource next;
        synchronized (lock) {
            next = state == State.OPEN ? turns.next(requests.unsentBytes()) : null;
        }
        if (next != null) {
            next.turn(this);
        }
    }

    /** Has a frame wait for its turn to be coded, which may come at once. It is withdrawn when nobody needs it any more. */
    public void whenRoom(FrameSource source) {
        boolean open;
        boolean doubted;
        synchronized (lock) {
            open = state == State.OPEN;
            if (open) {
                turns.add(source);
            }
            doubted = watch.isDoubted();
        }
        if (!open) {
            source.turnedAway();
            return;
        }
        sendOn();
        if (doubted) {
            source.doubted(endpoint.named(StreamWatch.UNACKNOWLEDGED));
        }
    }

    /** It is not coded, or not any more: the next one's turn. */
    public void withdraw(FrameSource source) {
        synchronized (lock) {
            turns.remove(source);
        }
        sendOn();
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
            turns.remove(handler);
            if (state != State.OPEN) {
                return false;
            }
            refusal = handshake.terms().refusal(frame);
            if (refusal == null) {
                requests.add(frame, handler);
            }
            doubted = watch.isDoubted();
        }
        if (refusal != null) {
            handler.failed(endpoint.named(LinkFailure.refused(refusal)));
            sendOn();
        } else {
            sendOn();
            if (doubted) {
                handler.doubted(endpoint.named(StreamWatch.UNACKNOWLEDGED));
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
        sendOn();
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
        sendOn();
        return true;
    }

    /** Ends the stream from this side; every request on it fails with this. */
    void close(LinkFailure why) {
        close(why, 0);
    }

    /** The same; the address is to be left alone for a while. */
    void close(LinkFailure why, long retryAfterNanos) {
        if (end(why, retryAfterNanos)) {
            pump.abort(why.message());
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
            pump.run();
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
            pump.abort("refused");
            return;
        }
        try {
            accept(OpenTerms.of(opened, settings), opened);
        } catch (IllegalArgumentException e) {
            close(LinkFailure.refused(e.getMessage()));
            return;
        }
        sendOn();
    }

    private void accept(OpenTerms granted, Opened opened) {
        synchronized (lock) {
            if (state != State.OPENING) {
                throw new IllegalArgumentException("gateway opened the stream twice; expected once");
            }
            state = State.OPEN;
            handshake.succeeded(granted);
            requests.open(opened.getCredit(), granted.chunkBytes());
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
            left = turns.takeAll();
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
            pump.halfClose();
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

    /** For the pump. */
    private MessagePump.Item nextMessage(boolean room) {
        synchronized (lock) {
            if (state == State.ENDED) {
                return null;
            }
            long now = scheduler.nanoTime();
            // A frame into a link that is silent would only be in the way of those that come after the silence.
            MessagePump.Item next = requests.next(room && !watch.isDoubted(), now);
            watch.look(now);
            return next;
        }
    }

    /** What the watch finds. */
    private final class Silence implements StreamWatch.Alarm {
        @Override
        public void queued() {
            sendOn();
        }

        @Override
        public void doubted(LinkFailure why, List<ReplyHandler> waiting) {
            owner.trustChanged(GatewayStream.this);
            LinkFailure named = endpoint.named(why);
            List<ReplyHandler> all = new ArrayList<>(waiting);
            synchronized (lock) {
                all.addAll(turns.waiting());
            }
            for (ReplyHandler handler : all) {
                handler.doubted(named);
            }
        }

        @Override
        public void givenUp(LinkFailure why) {
            close(why);
        }
    }

    /** What opening took. */
    long handshakeNanos() {
        synchronized (lock) {
            return handshake.tookNanos();
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
            handshake.ended();
            watch.ended();
            left = requests.takeAll();
            left.addAll(turns.takeAll());
        }
        owner.ended(this, why, retryAfterNanos);
        LinkFailure named = endpoint.named(why);
        for (ReplyHandler handler : left) {
            handler.failed(named);
        }
        return true;
    }
}
