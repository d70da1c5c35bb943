package dev.cleave.gateway.grpc;

import dev.cleave.codec.Entropy;
import dev.cleave.gateway.exec.Refusal;
import dev.cleave.gateway.identity.Device;
import dev.cleave.gateway.model.OpenStream;
import dev.cleave.gateway.model.ServedModel;
import dev.cleave.v1.ClientMessage;
import dev.cleave.v1.Drain;
import dev.cleave.v1.Error;
import dev.cleave.v1.Frame;
import dev.cleave.v1.Open;
import dev.cleave.v1.Ping;
import dev.cleave.v1.Pong;
import dev.cleave.v1.ServerMessage;
import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;

/**
 * One agent's stream, as the protocol has it: what is said before {@code Open}, its answer, words that are no frames, and the stream's end. Its frames are {@link StreamFrames}' business.
 *
 * <p>Threads: gRPC calls the observer's methods and the cancel handler one at a time, on the connection's thread. Besides, workers complete tasks,
 * frames of videos are read, and a timer comes by ({@link #sweep}, {@link #drain}); what they share is thread-safe in itself, and no lock is held
 * while something else is called.
 *
 * <p>An agent's mistakes cost it the request in question, by a reply that names them; the stream goes on. It is ended
 * only by what leaves nothing to go on with, an Open that is refused, a second one, or none in time, and by pings that
 * are larger than the protocol has them: nobody answers for those, as somebody does for a request.
 */
final class StreamSession implements StreamObserver<ClientMessage>, OpenStream {
    /** As the protocol has it. */
    private static final int MAX_PADDING_BYTES = 64 * 1024;

    private final ServerCallStreamObserver<ServerMessage> call;
    private final Device device;
    private final StreamParts parts;
    private final Outbound outbound;
    /** Messages that were handled while there was no room to answer: to be asked for later. */
    private final AtomicInteger unread = new AtomicInteger();

    private final long startedNanos;
    /** These two are there once the stream is open. */
    private volatile ServedModel model;

    private volatile StreamFrames frames;
    /** Read and written by {@link #onNext} alone. */
    private String deviceClass = "";
    /** What is still to be said of a drain. */
    private final AtomicReference<Drain> drain = new AtomicReference<>();

    private volatile boolean saidOpened;
    private volatile boolean halfClosed;
    /** Whether it was ended for what its agent did, or may not do any more. */
    private volatile boolean refused;

    private volatile boolean isOver;

    /**
     * @param device whose stream it is
     * @param transport the connection's thread; null where the call came by a transport that has none
     */
    StreamSession(ServerCallStreamObserver<ServerMessage> call, Device device, StreamParts parts, Executor transport) {
        this.call = call;
        this.device = device;
        this.parts = parts;
        this.startedNanos = parts.clock().getAsLong();
        this.outbound = new Outbound(call, transport, parts.limits().maxOutbound(), this::readOn);
        call.disableAutoRequest();
        call.request(1);
    }

    @Override
    public void onNext(ClientMessage message) {
        switch (message.getMessageCase()) {
            case OPEN -> open(message.getOpen());
            case FRAME -> frame(message.getFrame());
            case CANCEL -> {
                if (frames != null) {
                    frames.cancel(message.getCancel().getRequestId());
                }
            }
            case REPORT -> {
                if (model != null) {
                    Reports.record(message.getReport(), deviceClass, model);
                }
            }
            case PING -> ping(message.getPing());
            case FORGET -> {
                if (frames != null) {
                    frames.forget(message.getForget().getStreamId());
                }
            }
            case MESSAGE_NOT_SET -> {} // Of a later release.
        }
        unread.incrementAndGet();
        readOn();
    }

    /** Asks for more messages, unless too much waits to be sent to this agent, or to be read of what it sent. */
    private void readOn() {
        StreamFrames opened = frames;
        if (outbound.hasRoom() && (opened == null || opened.hasRoom())) {
            int count = unread.getAndSet(0);
            if (count > 0) {
                call.request(count);
            }
        }
    }

    private void open(Open open) {
        if (model != null) {
            refuse(
                    "the stream was opened twice",
                    Status.FAILED_PRECONDITION.withDescription("second Open on one stream; expected one"));
            return;
        }
        Handshake.Result result = parts.handshake().open(open, device, this);
        if (result.model() != null) {
            Entropy entropy = Entropy.fromWireName(result.opened().getEntropy());
            deviceClass = open.getDeviceClass();
            frames = new StreamFrames(
                    result.model(), entropy, device, parts, outbound, this::finishIfDone, this::readOn);
            model = result.model();
            leaveModel();
        }
        outbound.send(ServerMessage.newBuilder().setOpened(result.opened()).build());
        if (model == null) {
            outbound.finish();
            return;
        }
        saidOpened = true;
        sayDrain();
    }

    private void ping(Ping ping) {
        int padding = ping.getPadding().size();
        if (padding > MAX_PADDING_BYTES) {
            refuse(
                    "a ping was too large",
                    Status.INVALID_ARGUMENT.withDescription(
                            "ping with " + padding + " bytes of padding; expected at most " + MAX_PADDING_BYTES));
            return;
        }
        outbound.send(ServerMessage.newBuilder()
                .setPong(Pong.newBuilder().setNonce(ping.getNonce()))
                .build());
    }

    private void frame(Frame chunk) {
        if (frames != null) {
            frames.chunk(chunk);
            return;
        }
        outbound.reply(
                Replies.refused(
                        chunk.getRequestId(),
                        new Refusal(Error.Code.PROTOCOL_VIOLATION, "frame before Open; expected Open first")),
                () -> Replies.credit(0, 0));
    }

    /** Gives up what the agent did not finish sending in time, and an agent that may not stay; called by a timer. */
    void sweep(long nowNanos) {
        if (refused) {
            return; // Its end is on the way.
        }
        if (!device.isAllowed()) {
            refuse(
                    "its device's token was withdrawn",
                    Status.UNAUTHENTICATED.withDescription("the token of " + device.name() + " was withdrawn"));
            return;
        }
        ServedModel opened = model;
        if (opened == null) {
            if (nowNanos - startedNanos > parts.limits().reassemblyTime().toNanos()) {
                refuse(
                        "it was not opened in time",
                        Status.DEADLINE_EXCEEDED.withDescription(
                                "no Open within " + parts.limits().reassemblyTime()));
            }
        } else if (!device.mayUse(opened.name())) {
            device.deniedModel();
            refuse(
                    "its device may not use the model any more",
                    Status.PERMISSION_DENIED.withDescription(
                            device.name() + " may not use model \"" + opened.name() + "\" any more"));
        } else {
            frames.sweep(nowNanos);
        }
    }

    /** Ends the stream with a status that says why. */
    private void refuse(String why, Status status) {
        refused = true;
        abandon(why);
        outbound.abort(status);
    }

    /** Payload of frames that are not whole. */
    long incomingBytes() {
        StreamFrames opened = frames;
        return opened == null ? 0 : opened.incomingBytes();
    }

    /** Says so once the agent has its {@code Opened}; one that never opens is refused there. */
    @Override
    public void drain(long graceNanos) {
        drain.set(Drain.newBuilder()
                .setGraceMicros(TimeUnit.NANOSECONDS.toMicros(graceNanos))
                .build());
        sayDrain();
    }

    /** On whichever thread comes last: that which opened the stream, or that which drains. */
    private void sayDrain() {
        Drain unsaid = saidOpened ? drain.getAndSet(null) : null;
        if (unsaid != null) {
            outbound.send(ServerMessage.newBuilder().setDrain(unsaid).build());
        }
    }

    /** The stream is over, whatever its end: lets go of what it held. */
    void over() {
        isOver = true;
        leaveModel();
    }

    /** On whichever thread comes last: that which opened it, or that which saw its end. */
    private void leaveModel() {
        ServedModel opened = model;
        if (isOver && opened != null) {
            frames.over();
            opened.closed(this);
        }
    }

    @Override
    public void end() {
        outbound.finish();
    }

    private void abandon(String why) {
        StreamFrames opened = frames;
        if (opened != null) {
            opened.abandon(why);
        }
    }

    private void finishIfDone() {
        StreamFrames opened = frames;
        if (halfClosed && (opened == null || opened.isSettled())) {
            outbound.finish();
        }
    }

    /** The stream is gone: nobody waits for its replies any more. */
    void cancelled() {
        outbound.discard();
        abandon("the stream ended before its reply");
    }

    @Override
    public void onError(Throwable error) {
        cancelled();
    }

    /** The agent sends no more, but takes what it is still owed. Frames that it did not finish are dropped. */
    @Override
    public void onCompleted() {
        halfClosed = true;
        finishIfDone();
    }
}
