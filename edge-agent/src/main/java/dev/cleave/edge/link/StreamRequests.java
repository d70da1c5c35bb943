package dev.cleave.edge.link;

import com.google.protobuf.ByteString;
import dev.cleave.edge.estimate.LinkConditions;
import dev.cleave.v1.ClientMessage;
import dev.cleave.v1.Credit;
import dev.cleave.v1.Frame;
import dev.cleave.v1.Ping;
import dev.cleave.v1.Reply;
import dev.cleave.wire.Arrival;
import dev.cleave.wire.Reassembly;
import dev.cleave.wire.ReassemblyLimits;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * The requests of one stream: what is to be sent, what waits for an answer, what has arrived of the answers, and what
 * they tell of the link. Not thread-safe, guarded by the stream's lock; it calls nobody back but returns what to call
 * once the lock is released.
 */
final class StreamRequests {
    private static final Runnable NOTHING = () -> {};
    /** gRPC's default limit of a message, which the agent leaves as it is. */
    private static final int MAX_CHUNK_BYTES = 4 << 20;
    /** Replies that arrive interleaved. A request's deadline ends its reply too, so age needs no bound of its own. */
    private static final int MAX_OPEN_REPLIES = 1024;

    private static final long MAX_REPLY_AGE_NANOS = TimeUnit.DAYS.toNanos(2);

    private final SendQueue queue = new SendQueue();
    private final PendingReplies pending = new PendingReplies();
    private final StreamMeter meter;
    private final Reassembly<Reply> replies;
    private long lastNonce;

    StreamRequests(long maxReplyBytes, StreamMeter meter) {
        this.meter = meter;
        this.replies = Reassembly.ofReplies(new ReassemblyLimits(
                maxReplyBytes, MAX_CHUNK_BYTES, 2 * maxReplyBytes, MAX_OPEN_REPLIES, MAX_REPLY_AGE_NANOS));
    }

    /** The gateway's terms are known: frames may be added. */
    void open(Credit initial, int chunkBytes) {
        queue.open(chunkBytes);
        queue.credit(initial.getFrames(), initial.getBytes());
    }

    void control(ClientMessage message) {
        queue.control(message);
    }

    void add(OutgoingFrame frame, ReplyHandler handler) {
        pending.add(frame.requestId(), handler, frame.splitPoint());
        queue.frame(frame);
    }

    void credit(int frames, long bytes) {
        queue.credit(frames, bytes);
    }

    /** Any message came. */
    void heard(long nowNanos) {
        meter.heard(nowNanos);
    }

    /** Returns the nonce that its answer will have. */
    long ping(ByteString padding) {
        Ping ping = Ping.newBuilder().setNonce(++lastNonce).setPadding(padding).build();
        queue.control(ClientMessage.newBuilder().setPing(ping).build());
        return lastNonce;
    }

    /**
     * Queues a ping if nothing crosses and something should be known of the link.
     *
     * @param remote whether a frame will follow
     */
    void look(boolean remote, long nowNanos) {
        if (nothingCrosses()) {
            probe(meter.takeLook(remote, nowNanos));
        }
    }

    private boolean nothingCrosses() {
        return meter.isIdle() && !queue.hasMore();
    }

    private void probe(int padding) {
        if (padding != StreamMeter.NO_LOOK) {
            ping(Padding.of(padding));
        }
    }

    /** Queues another ping if that one told what only a second one can decide. */
    void ponged(long nonce, long nowNanos) {
        meter.ponged(nonce, nowNanos);
        if (nothingCrosses()) {
            probe(meter.takeSecondLook(nowNanos));
        }
    }

    /** As of now; all that this stream has to send, or has sent, is in flight until it is known to have arrived. */
    LinkConditions conditions(long nowNanos) {
        LinkConditions link = meter.conditions(nowNanos);
        return link.withInFlight(link.inFlightBytes() + queue.unsentBytes());
    }

    /** As {@link StreamMeter#nanosUntilOverdue}. */
    long nanosUntilOverdue(long nowNanos) {
        return meter.nanosUntilOverdue(nowNanos);
    }

    /** Time that the bytes which are owed an acknowledgement should take, as far as is known. */
    long allowanceNanos(long nowNanos) {
        return meter.allowanceNanos(nowNanos);
    }

    boolean isEmpty() {
        return pending.isEmpty();
    }

    /** Bytes of frames that have no credit yet. */
    long waitingBytes() {
        return queue.waitingBytes();
    }

    /** Bytes of frames that were not handed to the transport. */
    long unsentBytes() {
        return queue.unsentBytes();
    }

    /** Those that wait for an answer. */
    List<ReplyHandler> waiting() {
        return pending.handlers();
    }

    /** Null if there is nothing to send now. */
    MessagePump.Item next(boolean room, long nowNanos) {
        ClientMessage message = queue.next(room, meter.conditions(nowNanos), nowNanos);
        if (message == null) {
            return null;
        }
        meter.handedOver(message, nowNanos);
        PendingReplies.Pending first = firstChunkOf(message);
        if (first == null) {
            return new MessagePump.Item(message, NOTHING);
        }
        first.handedOver();
        return new MessagePump.Item(message, () -> first.handler().handedOver(nowNanos));
    }

    private PendingReplies.Pending firstChunkOf(ClientMessage message) {
        Frame frame = message.getFrame();
        return message.hasFrame() && frame.getChunkIndex() == 0 ? pending.get(frame.getRequestId()) : null;
    }

    /** Returns whom to tell, or null for an ack that makes no sense, or of a request that nobody waits for. */
    ReplyHandler acknowledged(long requestId, long readingNanos, long nowNanos) {
        meter.acknowledged(requestId, readingNanos, nowNanos);
        PendingReplies.Pending request = pending.get(requestId);
        boolean makesSense = request != null && request.acknowledge(meter.answerOf(nowNanos), readingNanos);
        return makesSense ? request.handler() : null;
    }

    /** Returns what to do about it: nothing, for a chunk or for a request that nobody waits for. */
    Runnable replied(Reply reply, long nowNanos) {
        PendingReplies.Pending request = pending.get(reply.getRequestId());
        meter.received(reply, request, nowNanos);
        Runnable outcome = request == null ? NOTHING : outcome(reply, request, nowNanos);
        askForUnacknowledged();
        return outcome;
    }

    private Runnable outcome(Reply reply, PendingReplies.Pending request, long nowNanos) {
        long id = reply.getRequestId();
        if (reply.hasError()) {
            replies.discard(id, nowNanos);
            return failure(id, LinkFailure.of(reply.getError()));
        }
        Arrival<Reply> arrival = replies.offer(reply, nowNanos);
        if (arrival instanceof Arrival.Refused<Reply> refused) {
            String message = "gateway's " + refused.refusal().message();
            return failure(id, new LinkFailure(LinkFailure.Kind.EXECUTION, message));
        }
        if (arrival instanceof Arrival.Whole<Reply> whole) {
            meter.whole(whole.header().getTiming(), request, nowNanos);
            ReplyHandler handler = end(id);
            long rttNanos = meter.conditions(nowNanos).rttNanos();
            Reply header = whole.header();
            GatewayReply answer = new GatewayReply(
                    request.withReading(header.getTiming()),
                    whole.payload(),
                    header.getStateAfter(),
                    nowNanos,
                    rttNanos);
            return () -> handler.replied(answer);
        }
        return NOTHING;
    }

    private Runnable failure(long id, LinkFailure why) {
        ReplyHandler handler = end(id);
        return () -> handler.failed(why);
    }

    /** A reply ends the request wherever it is: the gateway may refuse a frame that is still being sent. */
    private ReplyHandler end(long id) {
        queue.remove(id);
        return pending.take(id).handler();
    }

    /** Forgets a request; true if the gateway has heard of it. */
    boolean cancel(long requestId, long nowNanos) {
        if (pending.take(requestId) == null) {
            return false;
        }
        replies.discard(requestId, nowNanos);
        boolean heard = queue.remove(requestId);
        askForUnacknowledged();
        return heard;
    }

    /**
     * A frame that was given up half-way, or refused, is never acknowledged: a ping behind it tells when it has
     * arrived.
     */
    private void askForUnacknowledged() {
        if (meter.isUnmarked() && !queue.isMidFrame()) {
            ping(ByteString.EMPTY);
        }
    }

    /** Everybody who waits; then there is nobody. */
    List<ReplyHandler> takeAll() {
        List<ReplyHandler> handlers = pending.handlers();
        pending.takeAll();
        return handlers;
    }
}
