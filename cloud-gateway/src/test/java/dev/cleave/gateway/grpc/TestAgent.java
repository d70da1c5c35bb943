package dev.cleave.gateway.grpc;

import dev.cleave.v1.Cancel;
import dev.cleave.v1.ClientMessage;
import dev.cleave.v1.Credit;
import dev.cleave.v1.Error;
import dev.cleave.v1.Forget;
import dev.cleave.v1.Frame;
import dev.cleave.v1.Open;
import dev.cleave.v1.Opened;
import dev.cleave.v1.Ping;
import dev.cleave.v1.Reply;
import dev.cleave.v1.ServerMessage;
import dev.cleave.v1.SplitInferenceGrpc;
import dev.cleave.wire.Chunks;
import io.grpc.Channel;
import io.grpc.Status;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/**
 * A stream as an agent sees it, without any of an agent's manners. Keeps every message in order; whole replies and
 * credit are summed up as messages are read. Not thread-safe.
 */
final class TestAgent {
    private static final long PATIENCE_SECONDS = 60;

    /** What the stream ended with, among the messages. */
    private record End(Status status) {}

    /** A reply put together from its chunks. */
    record WholeReply(Reply header, ByteBuffer payload, int chunks) {
        Error.Code error() {
            return header.hasError() ? header.getError().getCode() : null;
        }
    }

    final List<ServerMessage> log = new ArrayList<>();
    final Map<Long, List<WholeReply>> replies = new HashMap<>();
    long creditFrames;
    long creditBytes;
    long sentFrames;
    long sentBytes;

    private final BlockingQueue<Object> inbox = new LinkedBlockingQueue<>();
    private final Map<Long, ByteArrayOutputStream> partial = new HashMap<>();
    private final Map<Long, Reply> headers = new HashMap<>();
    private ClientCallStreamObserver<ClientMessage> call;
    private Status end;
    private long pings = 1L << 40;

    TestAgent(Channel channel) {
        SplitInferenceGrpc.newStub(channel).stream(new ClientResponseObserver<ClientMessage, ServerMessage>() {
            @Override
            public void beforeStart(ClientCallStreamObserver<ClientMessage> requests) {
                call = requests;
            }

            @Override
            public void onNext(ServerMessage message) {
                inbox.add(message);
            }

            @Override
            public void onError(Throwable error) {
                inbox.add(new End(Status.fromThrowable(error)));
            }

            @Override
            public void onCompleted() {
                inbox.add(new End(Status.OK));
            }
        });
    }

    Opened open(String bundleId, String... entropies) throws InterruptedException {
        send(ClientMessage.newBuilder()
                .setOpen(Open.newBuilder()
                        .setBundleId(bundleId)
                        .setDeviceId("test")
                        .addAllEntropies(List.of(entropies)))
                .build());
        return await(ServerMessage::hasOpened).getOpened();
    }

    void send(ClientMessage message) {
        call.onNext(message);
    }

    void send(Frame chunk) {
        sentFrames += chunk.getChunkIndex() == 0 ? 1 : 0;
        sentBytes += chunk.getPayload().size();
        send(ClientMessage.newBuilder().setFrame(chunk).build());
    }

    /** Sends a frame in chunks of 1 MiB. */
    void send(Frame.Builder header, ByteBuffer payload) {
        Chunks.split(header.build(), payload, 1 << 20).forEach(this::send);
    }

    static Frame.Builder frame(long id, int point, int rows) {
        return Frame.newBuilder()
                .setRequestId(id)
                .setSplitPoint(point)
                .setRows(rows)
                .setQuality(1);
    }

    void cancel(long requestId) {
        send(ClientMessage.newBuilder()
                .setCancel(Cancel.newBuilder().setRequestId(requestId))
                .build());
    }

    void forget(long streamId) {
        send(ClientMessage.newBuilder()
                .setForget(Forget.newBuilder().setStreamId(streamId))
                .build());
    }

    void halfClose() {
        call.onCompleted();
    }

    void hangUp() {
        call.cancel("test", null);
    }

    /** Waits for the reply of a request. */
    WholeReply reply(long requestId) throws InterruptedException {
        while (!replies.containsKey(requestId)) {
            read();
        }
        return replies.get(requestId).get(0);
    }

    /** Waits for a message; those before it are kept too. */
    ServerMessage await(Predicate<ServerMessage> wanted) throws InterruptedException {
        while (true) {
            ServerMessage message = read();
            if (wanted.test(message)) {
                return message;
            }
        }
    }

    void awaitAck(long requestId) throws InterruptedException {
        await(message -> message.hasAck() && message.getAck().getRequestId() == requestId);
    }

    /** Waits until the gateway has handled everything that was sent so far. */
    void roundTrip() throws InterruptedException {
        long nonce = ++pings;
        send(ClientMessage.newBuilder()
                .setPing(Ping.newBuilder().setNonce(nonce))
                .build());
        await(message -> message.hasPong() && message.getPong().getNonce() == nonce);
    }

    /** Waits until all credit that was spent has come back. */
    void awaitCreditBack() throws InterruptedException {
        while (creditFrames < sentFrames || creditBytes < sentBytes) {
            read();
        }
    }

    /** Waits for the end of the stream. */
    Status awaitEnd() throws InterruptedException {
        while (end == null) {
            readAny();
        }
        return end;
    }

    private ServerMessage read() throws InterruptedException {
        ServerMessage message = readAny();
        if (message == null) {
            throw new AssertionError("the stream ended with " + end + "; replies so far " + replies);
        }
        return message;
    }

    private ServerMessage readAny() throws InterruptedException {
        Object next = inbox.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
        if (next == null) {
            throw new AssertionError("no message from the gateway; so far " + log.size());
        }
        if (next instanceof End ended) {
            end = ended.status();
            return null;
        }
        ServerMessage message = (ServerMessage) next;
        log.add(message);
        if (message.hasCredit()) {
            Credit credit = message.getCredit();
            creditFrames += credit.getFrames();
            creditBytes += credit.getBytes();
        } else if (message.hasReply()) {
            take(message.getReply());
        }
        return message;
    }

    private void take(Reply chunk) {
        long id = chunk.getRequestId();
        if (chunk.getChunkIndex() == 0) {
            headers.put(id, chunk);
            partial.put(id, new ByteArrayOutputStream());
        }
        partial.get(id).writeBytes(chunk.getPayload().toByteArray());
        if (chunk.getChunkIndex() == chunk.getChunkCount() - 1) {
            replies.computeIfAbsent(id, any -> new ArrayList<>())
                    .add(new WholeReply(
                            headers.remove(id),
                            ByteBuffer.wrap(partial.remove(id).toByteArray()),
                            chunk.getChunkCount()));
        }
    }
}
