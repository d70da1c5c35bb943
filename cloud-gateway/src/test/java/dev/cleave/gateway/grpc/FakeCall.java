package dev.cleave.gateway.grpc;

import dev.cleave.v1.ServerMessage;
import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

/** A stream's call whose transport takes as many messages as it is told, and keeps what they were. */
final class FakeCall extends ServerCallStreamObserver<ServerMessage> {
    /** Names of the messages, and how the call ended. */
    final List<String> sent = Collections.synchronizedList(new ArrayList<>());

    int room;
    /** What taking a message ends in, if not null. */
    volatile Throwable broken;
    /** Whether two threads were in here at a time. */
    volatile boolean together;
    /** Told of a message by the thread that has sent it. */
    volatile Consumer<ServerMessage> taken = message -> {};

    private final AtomicBoolean inside = new AtomicBoolean();
    private Runnable onReady;

    void takes(int count) {
        room += count;
        onReady.run();
    }

    @Override
    public void onNext(ServerMessage message) {
        if (broken instanceof Error error) {
            throw error;
        }
        if (broken instanceof RuntimeException exception) {
            throw exception;
        }
        together |= !inside.compareAndSet(false, true);
        room--;
        sent.add(name(message));
        inside.set(false);
        taken.accept(message);
    }

    private static String name(ServerMessage message) {
        return switch (message.getMessageCase()) {
            case REPLY ->
                message.getReply().getRequestId() + "." + message.getReply().getChunkIndex();
            case PONG -> "pong" + message.getPong().getNonce();
            default -> message.getMessageCase().name().toLowerCase(Locale.ROOT);
        };
    }

    @Override
    public void onCompleted() {
        sent.add("end");
    }

    @Override
    public void onError(Throwable error) {
        sent.add(Status.fromThrowable(error).getCode().name());
    }

    @Override
    public boolean isReady() {
        return room > 0;
    }

    @Override
    public void setOnReadyHandler(Runnable handler) {
        onReady = handler;
    }

    @Override
    public boolean isCancelled() {
        return false;
    }

    @Override
    public void setOnCancelHandler(Runnable handler) {}

    @Override
    public void setOnCloseHandler(Runnable handler) {}

    @Override
    public void disableAutoInboundFlowControl() {}

    @Override
    public void disableAutoRequest() {}

    @Override
    public void request(int count) {}

    @Override
    public void setMessageCompression(boolean enable) {}

    @Override
    public void setCompression(String compression) {}
}
