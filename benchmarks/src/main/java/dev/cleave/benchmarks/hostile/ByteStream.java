package dev.cleave.benchmarks.hostile;

import dev.cleave.v1.Error;
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
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;

/** A stream to a gateway whose messages are any bytes; keeps the first error that it is told. */
final class ByteStream {
    private static final MethodDescriptor<byte[], ServerMessage> STREAM =
            SplitInferenceGrpc.getStreamMethod().toBuilder(
                            new Bytes(), SplitInferenceGrpc.getStreamMethod().getResponseMarshaller())
                    .build();
    private static final long PATIENCE_SECONDS = 20;

    private final ClientCall<byte[], ServerMessage> call;
    private final AtomicReference<String> named = new AtomicReference<>();
    private final CountDownLatch told = new CountDownLatch(1);

    ByteStream(Channel channel) {
        call = channel.newCall(STREAM, CallOptions.DEFAULT);
        call.start(new Told(), new Metadata());
        call.request(Integer.MAX_VALUE);
    }

    void send(byte[] message) {
        call.sendMessage(message);
    }

    /** @return the error that was told, one line; null if none came in time */
    String error() throws InterruptedException {
        return told.await(PATIENCE_SECONDS, TimeUnit.SECONDS) ? named.get() : null;
    }

    void leave() {
        call.cancel("no reason", null);
    }

    private void tell(String error) {
        named.compareAndSet(null, error);
        told.countDown();
    }

    private final class Told extends ClientCall.Listener<ServerMessage> {
        @Override
        public void onMessage(ServerMessage message) {
            Error error = message.hasOpened()
                    ? message.getOpened().getError()
                    : message.getReply().getError();
            if (!error.getMessage().isEmpty()) {
                tell(error.getCode() + ": " + error.getMessage());
            }
        }

        @Override
        public void onClose(Status status, Metadata trailers) {
            tell(status.getDescription() == null ? null : status.getCode() + ": " + status.getDescription());
        }
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
}
