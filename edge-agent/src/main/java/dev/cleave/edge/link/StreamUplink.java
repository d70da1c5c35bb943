package dev.cleave.edge.link;

import dev.cleave.edge.estimate.LinkConditions;
import dev.cleave.v1.Cancel;
import dev.cleave.v1.ClientMessage;
import dev.cleave.v1.Credit;
import dev.cleave.v1.Forget;
import dev.cleave.v1.Report;
import io.grpc.stub.ClientCallStreamObserver;
import java.util.ArrayList;
import java.util.List;

/**
 * What goes up one stream: frames that wait to be coded, frames that were, and the messages beside them. Thread-safe.
 *
 * <pre>
 * whenRoom -> {@link CodingTurns} -> FrameSource.turn -> send -> {@link StreamRequests} -> {@link MessagePump} -> transport
 * </pre>
 *
 * <p>{@code lock}, the stream's, guards the turns, the requests and both fields. It is never held while the transport, a {@link
 * FrameSource} or a {@link ReplyHandler} is called.
 */
final class StreamUplink {
    private final GatewayStream stream;
    private final Object lock;
    private final Scheduler scheduler;
    private final StreamRequests requests;
    private final StreamWatch watch;
    private final CodingTurns turns = new CodingTurns();
    private final MessagePump pump;
    /** What frames must keep to; null while none are taken. */
    private OpenTerms terms;

    private boolean ended;

    /**
     * Before the gateway's terms are known only {@link StreamRequests#control} messages are sent.
     *
     * @param lock of the stream
     * @param failed told if the transport throws
     */
    StreamUplink(
            GatewayStream stream,
            Object lock,
            Scheduler scheduler,
            StreamRequests requests,
            StreamWatch watch,
            MessagePump.FailureHandler failed) {
        this.stream = stream;
        this.lock = lock;
        this.scheduler = scheduler;
        this.requests = requests;
        this.watch = watch;
        this.pump = new MessagePump(this::nextMessage, failed);
    }

    /** The call is started: what there is goes, or else the call is ended if the stream was meanwhile. */
    void attach(ClientCallStreamObserver<ClientMessage> outbound) {
        pump.attach(outbound);
        boolean over;
        synchronized (lock) {
            over = ended;
        }
        if (over) {
            pump.abort("closed before it was started");
        }
        sendOn();
    }

    /** Frames are taken from now on. Under the lock. */
    void open(Credit initial, OpenTerms granted) {
        terms = granted;
        requests.open(initial, granted.chunkBytes());
    }

    /** Takes no more frames; those that wait for their turn. Under the lock. */
    List<FrameSource> shut() {
        terms = null;
        return turns.takeAll();
    }

    /** Hands over nothing more; everybody who waits, for an answer or for a turn. Under the lock. */
    List<ReplyHandler> end() {
        ended = true;
        List<ReplyHandler> left = requests.takeAll();
        left.addAll(shut());
        return left;
    }

    /** Tells the transport that nothing more comes. */
    void halfClose() {
        pump.halfClose();
    }

    /** Ends the call at once. */
    void abort(String why) {
        pump.abort(why);
    }

    /** The transport got rid of what it had buffered: bytes move, if slowly. */
    void onReady() {
        synchronized (lock) {
            watch.moved(scheduler.nanoTime());
        }
        sendOn();
    }

    /** Hands over what may go, and lets the next frame be coded if that leaves little to send. */
    void sendOn() {
        pump.run();
        FrameSource next;
        synchronized (lock) {
            next = terms == null ? null : turns.next(requests.unsentBytes());
        }
        if (next != null) {
            next.turn(stream);
        }
    }

    /** For the pump. */
    private MessagePump.Item nextMessage(boolean room) {
        synchronized (lock) {
            if (ended) {
                return null;
            }
            long now = scheduler.nanoTime();
            // A frame into a link that is silent would only be in the way of those that come after the silence.
            MessagePump.Item next = requests.next(room && !watch.isDoubted(), now);
            watch.look(now);
            return next;
        }
    }

    /** As {@link GatewayStream#whenRoom}. */
    void whenRoom(FrameSource source) {
        boolean open;
        boolean doubted;
        synchronized (lock) {
            open = terms != null;
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
            source.doubted(stream.endpoint().named(StreamWatch.UNACKNOWLEDGED));
        }
    }

    /** As {@link GatewayStream#withdraw}. */
    void withdraw(FrameSource source) {
        synchronized (lock) {
            turns.remove(source);
        }
        sendOn();
    }

    /** As {@link GatewayStream#send}. */
    boolean send(OutgoingFrame frame, ReplyHandler handler) {
        String refusal;
        boolean doubted;
        synchronized (lock) {
            turns.remove(handler);
            if (terms == null) {
                return false;
            }
            refusal = terms.refusal(frame);
            if (refusal == null) {
                requests.add(frame, handler);
            }
            doubted = watch.isDoubted();
        }
        if (refusal != null) {
            handler.failed(stream.endpoint().named(LinkFailure.refused(refusal)));
            sendOn();
        } else {
            sendOn();
            if (doubted) {
                handler.doubted(stream.endpoint().named(StreamWatch.UNACKNOWLEDGED));
            }
        }
        return true;
    }

    /** Forgets a request, and tells the gateway if it has heard of it. */
    void cancel(long requestId) {
        synchronized (lock) {
            if (requests.cancel(requestId, scheduler.nanoTime())) {
                Cancel cancel = Cancel.newBuilder().setRequestId(requestId).build();
                requests.control(ClientMessage.newBuilder().setCancel(cancel).build());
            }
        }
        sendOn();
    }

    /** As {@link GatewayStream#forget}. */
    void forget(long streamId) {
        Forget forget = Forget.newBuilder().setStreamId(streamId).build();
        synchronized (lock) {
            requests.control(ClientMessage.newBuilder().setForget(forget).build());
        }
        sendOn();
    }

    /** Sends a report ahead of the frames that wait; false if this stream takes nothing more. */
    boolean report(Report report) {
        synchronized (lock) {
            if (terms == null) {
                return false;
            }
            requests.control(ClientMessage.newBuilder().setReport(report).build());
        }
        sendOn();
        return true;
    }

    /** As {@link GatewayLink#look}. */
    void look(boolean remote) {
        synchronized (lock) {
            if (terms == null) {
                return;
            }
            requests.look(remote, scheduler.nanoTime());
        }
        sendOn();
    }

    /** The gateway says nothing any more: those who wait for an answer hear of it, and those who wait for their turn. */
    void doubted(LinkFailure why, List<ReplyHandler> unanswered) {
        List<ReplyHandler> all = new ArrayList<>(unanswered);
        synchronized (lock) {
            all.addAll(turns.waiting());
        }
        for (ReplyHandler handler : all) {
            handler.doubted(why);
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
}
