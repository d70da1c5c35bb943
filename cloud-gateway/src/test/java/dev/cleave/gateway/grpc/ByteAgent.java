package dev.cleave.gateway.grpc;

import dev.cleave.v1.ClientMessage;
import dev.cleave.v1.Error;
import dev.cleave.v1.Frame;
import dev.cleave.v1.Open;
import dev.cleave.v1.Ping;
import dev.cleave.v1.Reply;
import dev.cleave.v1.ServerMessage;
import dev.cleave.v1.SplitInferenceGrpc;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** A stream whose messages are bytes, so that they need not be any. Keeps the errors that it is told. */
final class ByteAgent {
    private static final MethodDescriptor<byte[], ServerMessage> STREAM =
            SplitInferenceGrpc.getStreamMethod().toBuilder(
                            new Bytes(), SplitInferenceGrpc.getStreamMethod().getResponseMarshaller())
                    .build();
    /** Small messages overtake replies, so what answers the first ping may come before them; they are gone when a second is answered. */
    private static final long LAST_BUT_ONE = -2;

    private static final long LAST = -1;

    private final ClientCall<byte[], ServerMessage> call;
    private final List<Error> errors = new ArrayList<>();
    private final CompletableFuture<Status> end = new CompletableFuture<>();
    private final CountDownLatch answered = new CountDownLatch(1);

    ByteAgent(Channel channel) {
        call = channel.newCall(STREAM, CallOptions.DEFAULT);
        call.start(new Listener(), new Metadata());
        call.request(Integer.MAX_VALUE);
    }

    private static final class Bytes implements MethodDescriptor.Marshaller<byte[]> {
        @Override
        public InputStream stream(byte[] message) {
            return new ByteArrayInputStream(message);
        }

        @Override
        public byte[] parse(InputStream message) {
            throw new UnsupportedOperationException("a client reads no request");
        }
    }

    private final class Listener extends ClientCall.Listener<ServerMessage> {
        @Override
        public void onMessage(ServerMessage message) {
            Reply reply = message.getReply();
            synchronized (errors) {
                if (reply.hasError()) {
                    errors.add(reply.getError());
                } else if (message.getOpened().hasError()) {
                    errors.add(message.getOpened().getError());
                }
            }
            if (message.hasPong() && message.getPong().getNonce() == LAST_BUT_ONE) {
                ping(LAST);
            } else if (message.hasPong() && message.getPong().getNonce() == LAST) {
                answered.countDown();
            }
        }

        @Override
        public void onClose(Status status, Metadata trailers) {
            end.complete(status);
            answered.countDown();
        }
    }

    void open(String bundleId) {
        send(ClientMessage.newBuilder()
                .setOpen(Open.newBuilder().setBundleId(bundleId).setDeviceId("hostile")));
    }

    void send(Frame.Builder frame) {
        send(ClientMessage.newBuilder().setFrame(frame));
    }

    void send(ClientMessage.Builder message) {
        call.sendMessage(message.build().toByteArray());
    }

    void send(byte[] bytes) {
        call.sendMessage(bytes);
    }

    void halfClose() {
        call.halfClose();
    }

    void reset() {
        call.cancel("no reason", null);
    }

    /** Waits until the gateway has dealt with everything that was sent, or has ended the stream. */
    void awaitDealtWith() throws InterruptedException {
        ping(LAST_BUT_ONE);
        if (!answered.await(60, TimeUnit.SECONDS)) {
            throw new AssertionError("no word from the gateway; errors so far " + errors());
        }
    }

    private void ping(long nonce) {
        send(ClientMessage.newBuilder().setPing(Ping.newBuilder().setNonce(nonce)));
    }

    List<Error> errors() {
        synchronized (errors) {
            return List.copyOf(errors);
        }
    }

    /** What the stream ended with; null while it goes on. */
    Status end() {
        return end.getNow(null);
    }

    Status awaitEnd() throws Exception {
        return end.get(60, TimeUnit.SECONDS);
    }
}
