package dev.cleave.edge.link;

import dev.cleave.v1.ClientMessage;
import dev.cleave.v1.ServerMessage;
import io.grpc.Status;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;

/** What the transport brings of one stream, sorted by kind; called by the transport, one call after another. */
final class StreamInbox implements ClientResponseObserver<ClientMessage, ServerMessage> {
    private final GatewayStream stream;
    /** Set while the call is started, by the thread that starts it. */
    private ClientCallStreamObserver<ClientMessage> outbound;

    StreamInbox(GatewayStream stream) {
        this.stream = stream;
    }

    @Override
    public void beforeStart(ClientCallStreamObserver<ClientMessage> call) {
        outbound = call;
        call.setOnReadyHandler(stream::onReady);
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
            case ACK -> stream.onAck(message.getAck());
            case CREDIT ->
                stream.onCredit(
                        message.getCredit().getFrames(), message.getCredit().getBytes());
            case REPLY -> stream.onReply(message.getReply());
            case DRAIN -> stream.onDrain();
            case PONG -> stream.onPong(message.getPong().getNonce());
            case MESSAGE_NOT_SET -> {} // of a later release
        }
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
