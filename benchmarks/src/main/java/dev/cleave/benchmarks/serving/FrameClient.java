package dev.cleave.benchmarks.serving;

import dev.cleave.v1.Cancel;
import dev.cleave.v1.ClientMessage;
import dev.cleave.v1.Frame;
import dev.cleave.v1.Open;
import dev.cleave.v1.Reply;
import dev.cleave.v1.ServerMessage;
import dev.cleave.v1.SplitInferenceGrpc;
import io.grpc.Channel;
import io.grpc.Status;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.ObjLongConsumer;

/**
 * One stream to a gateway that sends frames without an agent's judgement: no window, no deadline of its own, no way to answer by itself. Frames and replies are small
 * enough for one message. Thread-safe; replies come on a thread of the transport.
 */
final class FrameClient implements AutoCloseable {
    private static final long PATIENCE_SECONDS = 60;

    private final CompletableFuture<Void> opened = new CompletableFuture<>();
    private final ObjLongConsumer<Reply> replies;
    private ClientCallStreamObserver<ClientMessage> call;
    private volatile Status ended;

    /** @param replies told each reply, and when it came by {@link System#nanoTime} */
    private FrameClient(ObjLongConsumer<Reply> replies) {
        this.replies = replies;
    }

    /** Opens a stream; returns when the gateway has taken it. */
    static FrameClient open(Channel channel, String bundleId, ObjLongConsumer<Reply> replies) throws Exception {
        FrameClient client = new FrameClient(replies);
        SplitInferenceGrpc.newStub(channel).stream(client.new Messages());
        client.send(ClientMessage.newBuilder()
                .setOpen(Open.newBuilder().setBundleId(bundleId).setDeviceId("frames"))
                .build());
        client.opened.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        return client;
    }

    void send(Frame frame) {
        send(ClientMessage.newBuilder().setFrame(frame).build());
    }

    void cancel(long requestId) {
        send(ClientMessage.newBuilder()
                .setCancel(Cancel.newBuilder().setRequestId(requestId))
                .build());
    }

    private synchronized void send(ClientMessage message) {
        call.onNext(message);
    }

    /** How the stream ended; null while it is open. */
    Status ended() {
        return ended;
    }

    @Override
    public synchronized void close() {
        if (ended == null) {
            call.onCompleted();
        }
    }

    /** What the gateway says. */
    private final class Messages implements ClientResponseObserver<ClientMessage, ServerMessage> {
        @Override
        public void beforeStart(ClientCallStreamObserver<ClientMessage> requests) {
            call = requests;
        }

        @Override
        public void onNext(ServerMessage message) {
            if (message.hasReply()) {
                replies.accept(message.getReply(), System.nanoTime());
            } else if (message.hasOpened() && message.getOpened().hasError()) {
                opened.completeExceptionally(new IllegalStateException(
                        "stream refused: " + message.getOpened().getError().getMessage()));
            } else if (message.hasOpened()) {
                opened.complete(null);
            }
        }

        @Override
        public void onError(Throwable error) {
            ended = Status.fromThrowable(error);
            opened.completeExceptionally(error);
        }

        @Override
        public void onCompleted() {
            ended = Status.OK;
        }
    }
}
