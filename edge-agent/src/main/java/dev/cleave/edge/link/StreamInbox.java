package dev.cleave.edge.link;

import dev.cleave.v1.Ack;
import dev.cleave.v1.ClientMessage;
import dev.cleave.v1.Credit;
import dev.cleave.v1.Reply;
import dev.cleave.v1.ServerMessage;
import io.grpc.Status;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;

/**
 * What the transport brings of one stream, sorted by kind: what concerns the stream goes to the stream, what concerns its requests to
 * these. Called by the transport, one call after another; takes the stream's lock for {@link StreamRequests} and {@link StreamWatch},
 * and calls handlers without it.
 */
final class StreamInbox implements ClientResponseObserver<ClientMessage, ServerMessage> {
    private final GatewayStream stream;
    private final Object lock;
    private final Scheduler scheduler;
    private final StreamRequests requests;
    private final StreamWatch watch;
    private final StreamUplink uplink;
    /** Set while the call is started, by the thread that starts it. */
    private ClientCallStreamObserver<ClientMessage> outbound;

    /** @param lock of the stream */
    StreamInbox(
            GatewayStream stream,
            Object lock,
            Scheduler scheduler,
            StreamRequests requests,
            StreamWatch watch,
            StreamUplink uplink) {
        this.stream = stream;
        this.lock = lock;
        this.scheduler = scheduler;
        this.requests = requests;
        this.watch = watch;
        this.uplink = uplink;
    }

    @Override
    public void beforeStart(ClientCallStreamObserver<ClientMessage> call) {
        outbound = call;
        call.setOnReadyHandler(uplink::onReady);
    }

    /** The other direction, for the thread that started the call. */
    ClientCallStreamObserver<ClientMessage> outbound() {
        return outbound;
    }

    @Override
    public void onNext(ServerMessage message) {
        stream.onHeard();
        switch (message.getMessageCase()) {
            case OPENED -> stream.onOpened(message.getOpened());
            case ACK -> acknowledged(message.getAck());
            case CREDIT -> credited(message.getCredit());
            case REPLY -> replied(message.getReply());
            case DRAIN -> stream.onDrain();
            case PONG -> ponged(message.getPong().getNonce());
            case MESSAGE_NOT_SET -> {} // of a later release
        }
    }

    private void acknowledged(Ack ack) {
        long now = scheduler.nanoTime();
        long readingNanos = StreamMeter.nanos(ack.getReadingMicros());
        ReplyHandler handler;
        synchronized (lock) {
            handler = requests.acknowledged(ack.getRequestId(), readingNanos, now);
            watch.look(now);
        }
        if (handler != null) {
            handler.acknowledged(ack.getHeldReference(), now - readingNanos);
        }
    }

    private void credited(Credit credit) {
        synchronized (lock) {
            requests.credit(credit.getFrames(), credit.getBytes());
        }
        uplink.sendOn();
    }

    private void replied(Reply reply) {
        Runnable outcome;
        synchronized (lock) {
            outcome = requests.replied(reply, scheduler.nanoTime());
        }
        outcome.run();
        uplink.sendOn();
        stream.endIfDrained();
    }

    private void ponged(long nonce) {
        synchronized (lock) {
            watch.ponged(nonce);
            requests.ponged(nonce, scheduler.nanoTime());
        }
        uplink.sendOn();
    }

    @Override
    public void onError(Throwable error) {
        stream.onEnd(StreamFailure.of(Status.fromThrowable(error)));
    }

    @Override
    public void onCompleted() {
        stream.onEnd(LinkFailure.unavailable("gateway ended the stream"));
    }
}
