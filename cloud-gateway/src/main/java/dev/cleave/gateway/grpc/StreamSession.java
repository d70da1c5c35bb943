package dev.cleave.gateway.grpc;

import dev.cleave.codec.Entropy;
import dev.cleave.gateway.admission.Admission;
import dev.cleave.gateway.admission.Decision;
import dev.cleave.gateway.admission.FrameHeader;
import dev.cleave.gateway.admission.FrameIntake;
import dev.cleave.gateway.admission.FrameIntake.Step;
import dev.cleave.gateway.config.GatewayConfig;
import dev.cleave.gateway.exec.InferenceTask;
import dev.cleave.gateway.exec.Outcome;
import dev.cleave.gateway.exec.Refusal;
import dev.cleave.gateway.exec.RequestMetrics;
import dev.cleave.gateway.exec.TaskState;
import dev.cleave.gateway.exec.Timing;
import dev.cleave.gateway.identity.Device;
import dev.cleave.gateway.model.OpenStream;
import dev.cleave.gateway.model.ServedModel;
import dev.cleave.gateway.state.StreamStates;
import dev.cleave.gateway.video.VideoFrames;
import dev.cleave.v1.Ack;
import dev.cleave.v1.ClientMessage;
import dev.cleave.v1.Drain;
import dev.cleave.v1.Error;
import dev.cleave.v1.Frame;
import dev.cleave.v1.Open;
import dev.cleave.v1.Ping;
import dev.cleave.v1.Pong;
import dev.cleave.v1.ServerMessage;
import dev.cleave.wire.ReassemblyLimits;
import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;

/**
 * One agent's stream: puts its frames together, has them admitted, and sends each reply.
 *
 * <p>Threads: gRPC calls the observer's methods and the cancel handler one at a time, on the connection's thread. Besides, workers complete tasks,
 * and a timer comes by ({@link #sweep}, {@link #drain}); what they share is thread-safe in itself, and no lock is held
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
    private final Handshake handshake;
    private final Admission admission;
    private final GatewayConfig.Streams limits;
    private final LongSupplier clock;
    private final Outbound outbound;
    private final TransportThreads transport;
    private final FrameIntake intake;
    private final VideoFrames videos;
    private final StreamStates states;
    /** Received whole and not answered. */
    private final Map<Long, StreamRequest> requests = new ConcurrentHashMap<>();
    /** Messages that were handled while there was no room to answer: to be asked for later. */
    private final AtomicInteger unread = new AtomicInteger();

    private final long startedNanos;
    private volatile ServedModel model;
    /** These two are read and written by {@link #onNext} alone. */
    private String deviceClass = "";

    private boolean threadFound;
    /** Agreed on together with the model. */
    private volatile Entropy entropy;

    private volatile boolean halfClosed;
    private volatile boolean isOver;

    /**
     * @param device whose stream it is
     * @param transport by which the call came, or null where that has no threads to be known
     */
    StreamSession(
            ServerCallStreamObserver<ServerMessage> call,
            Device device,
            Handshake handshake,
            Admission admission,
            GatewayConfig.Streams limits,
            VideoFrames videos,
            StreamStates states,
            TransportThreads transport,
            LongSupplier clock) {
        this.call = call;
        this.device = device;
        this.handshake = handshake;
        this.admission = admission;
        this.limits = limits;
        this.videos = videos;
        this.states = states;
        this.transport = transport;
        this.clock = clock;
        this.startedNanos = clock.getAsLong();
        this.intake = new FrameIntake(
                limits.creditFrames(),
                new ReassemblyLimits(
                        limits.maxFrameBytes(),
                        limits.chunkBytes(),
                        Math.max(limits.creditBytes(), limits.maxFrameBytes()),
                        limits.creditFrames(),
                        limits.reassemblyTime().toNanos()));
        this.outbound = new Outbound(call, limits.maxOutbound(), this::readOn);
        call.disableAutoRequest();
        call.request(1);
    }

    @Override
    public void onNext(ClientMessage message) {
        findThread();
        switch (message.getMessageCase()) {
            case OPEN -> open(message.getOpen());
            case FRAME -> frame(message.getFrame());
            case CANCEL -> cancel(message.getCancel().getRequestId());
            case REPORT -> {
                if (model != null) {
                    Reports.record(message.getReport(), deviceClass, model);
                }
            }
            case PING -> ping(message.getPing());
            case FORGET -> {
                videos.forget(message.getForget().getStreamId());
                states.forget(message.getForget().getStreamId());
            }
            case MESSAGE_NOT_SET -> {} // Of a later release.
        }
        unread.incrementAndGet();
        readOn();
    }

    /** The first messages may come by another thread, which has found out where the call belongs; all others by its own. */
    private void findThread() {
        if (!threadFound && transport != null) {
            Executor here = transport.current();
            if (here != null) {
                outbound.sendOn(here);
                threadFound = true;
            }
        }
    }

    /** Asks for more messages, unless too much waits to be sent to this agent. */
    private void readOn() {
        if (outbound.hasRoom()) {
            int count = unread.getAndSet(0);
            if (count > 0) {
                call.request(count);
            }
        }
    }

    private void open(Open open) {
        if (model != null) {
            abandon("the stream was opened twice");
            outbound.abort(Status.FAILED_PRECONDITION.withDescription("second Open on one stream; expected one"));
            return;
        }
        Handshake.Result result = handshake.open(open, device, this);
        entropy = Entropy.fromWireName(result.opened().getEntropy());
        deviceClass = open.getDeviceClass();
        model = result.model();
        leaveModel();
        outbound.send(ServerMessage.newBuilder().setOpened(result.opened()).build());
        if (model == null) {
            outbound.finish();
        }
    }

    private void ping(Ping ping) {
        int padding = ping.getPadding().size();
        if (padding > MAX_PADDING_BYTES) {
            abandon("a ping was too large");
            outbound.abort(Status.INVALID_ARGUMENT.withDescription(
                    "ping with " + padding + " bytes of padding; expected at most " + MAX_PADDING_BYTES));
            return;
        }
        outbound.send(ServerMessage.newBuilder()
                .setPong(Pong.newBuilder().setNonce(ping.getNonce()))
                .build());
    }

    private void frame(Frame chunk) {
        long id = chunk.getRequestId();
        if (model == null) {
            outbound.reply(
                    Replies.refused(
                            id, new Refusal(Error.Code.PROTOCOL_VIOLATION, "frame before Open; expected Open first")),
                    () -> Replies.credit(0, 0));
            return;
        }
        model.metrics().received(chunk.getPayload().size());
        StreamRequest sameId = requests.get(id);
        if (sameId != null) {
            duplicate(sameId, chunk);
            return;
        }
        Step step = intake.offer(chunk, clock.getAsLong());
        if (step instanceof Step.Whole whole) {
            whole(whole);
        } else if (step instanceof Step.Rejected rejected) {
            rejected(rejected);
        } else if (step instanceof Step.Ignored ignored) {
            giveBack(0, ignored.bytes());
        }
    }

    /**
     * Two frames with one id leave no way to tell their replies apart: the first gets the error, the second nothing.
     */
    private void duplicate(StreamRequest first, Frame chunk) {
        boolean begins = chunk.getChunkIndex() == 0;
        giveBack(begins ? 1 : 0, intake.ignore(chunk, clock.getAsLong()).bytes());
        finish(
                first,
                Error.Code.PROTOCOL_VIOLATION,
                "request id " + Long.toUnsignedString(first.id)
                        + " was used again before its reply; expected ids to be unique in the stream");
    }

    private void whole(Step.Whole whole) {
        Frame header = whole.header();
        FrameHeader claims = new FrameHeader(
                header.getSplitPoint(),
                header.getRows(),
                header.getQuality(),
                entropy,
                header.getRemainingMicros(),
                header.getPriority());
        long wholeNanos = clock.getAsLong();
        VideoFrames.Received received = read(claims, whole);
        // The acknowledgement says whether the frame is held, so it waits for the reading, and says how long that was.
        long now = header.getStreamId() == 0 ? wholeNanos : clock.getAsLong();
        StreamRequest request = new StreamRequest(header.getRequestId(), wholeNanos - whole.firstChunkNanos(), now);
        requests.put(request.id, request);
        // In line before the request is, so that no reply overtakes it; sent after that, so that the transport's thread
        // does not run ahead of the request.
        outbound.add(ServerMessage.newBuilder()
                .setAck(Ack.newBuilder()
                        .setRequestId(request.id)
                        .setHeldReference(received.held())
                        .setReadingMicros(TimeUnit.NANOSECONDS.toMicros(now - wholeNanos)))
                .build());
        if (whole.payload().hasRemaining()) {
            outbound.add(Replies.credit(0, whole.payload().remaining()));
        }
        Decision decision = received.refusal() != null
                ? Decision.refused(received.refusal())
                : admit(request, claims, header, received.payload());
        if (decision.isAdmitted()) {
            request.task = decision.task();
        } else {
            requests.remove(request.id);
            Integer point = model.codec(claims.point()) == null ? null : claims.point();
            refuse(request.id, point, decision.refusal(), true);
        }
        outbound.flush();
    }

    /** A frame that can be read takes its place among those that continue each other, and in line. */
    private Decision admit(StreamRequest request, FrameHeader claims, Frame header, ByteBuffer payload) {
        TaskState state = TaskState.NONE;
        if (Admission.checkHeader(model, claims) == null) { // else admission says what is wrong
            StreamStates.Received placed = states.receive(model.codec(claims.point()), header, request.receivedNanos);
            StreamMetrics.state(model.metrics(), placed);
            if (placed.refusal() != null) {
                return Decision.refused(placed.refusal());
            }
            state = placed.state();
        }
        return admission.admit(
                model,
                claims,
                payload,
                state,
                device,
                request.receivedNanos,
                (task, outcome) -> reply(request, task, outcome));
    }

    /** Reads a frame of a video, if nothing is in the way of it; other frames go on as they are. */
    private VideoFrames.Received read(FrameHeader claims, Step.Whole whole) {
        boolean isVideo = whole.header().getStreamId() != 0;
        if (!isVideo || Admission.checkHeader(model, claims) != null) {
            return new VideoFrames.Received(whole.payload(), 0, null);
        }
        VideoFrames.Received received =
                videos.receive(model.codec(claims.point()), whole.header(), whole.payload(), clock.getAsLong());
        StreamMetrics.video(model.metrics(), whole.header(), received);
        return received;
    }

    private void rejected(Step.Rejected rejected) {
        dev.cleave.wire.Refusal why = rejected.refusal();
        giveBack(0, why.releasedBytes());
        refuse(why.requestId(), null, new Refusal(why.code(), why.message()), rejected.charged());
    }

    private void cancel(long requestId) {
        Step.Rejected incomplete = intake.cancel(requestId, clock.getAsLong());
        if (incomplete != null) {
            rejected(incomplete);
            return;
        }
        StreamRequest request = requests.get(requestId);
        if (request != null) { // Else its reply and the cancellation have crossed.
            finish(request, Error.Code.CANCELLED, "cancelled by the agent");
        }
    }

    /** Completes a task early: takes it out of line, or else has its result dropped. */
    private void finish(StreamRequest request, Error.Code code, String message) {
        InferenceTask task = request.task;
        model.queue().remove(task);
        task.complete(
                Outcome.refused(new Refusal(code, message), Timing.queued(clock.getAsLong() - request.receivedNanos)));
    }

    /** The one reply of a task; on any thread. */
    private void reply(StreamRequest request, InferenceTask task, Outcome outcome) {
        long residence = clock.getAsLong() - request.receivedNanos;
        RequestMetrics.record(model.metrics(), task, outcome, request.receiveNanos, residence);
        outbound.reply(
                Replies.of(request.id, task, outcome, request.receiveNanos, residence, limits.chunkBytes()),
                this::replySent);
        requests.remove(request.id);
        finishIfDone();
    }

    /** The reply to a request that never became a task. */
    private void refuse(long requestId, Integer point, Refusal refusal, boolean charged) {
        RequestMetrics.refused(model.metrics(), point, refusal);
        outbound.reply(Replies.refused(requestId, refusal), charged ? this::replySent : () -> Replies.credit(1, 0));
    }

    /** Under the outbound queue's lock. */
    private ServerMessage replySent() {
        intake.replySent();
        return Replies.credit(1, 0);
    }

    private void giveBack(int frames, long bytes) {
        if (frames > 0 || bytes > 0) {
            outbound.send(Replies.credit(frames, bytes));
        }
    }

    /** Gives up what the agent did not finish sending in time, and an agent that may not stay; called by a timer. */
    void sweep(long nowNanos) {
        if (!device.isAllowed()) {
            abandon("its device's token was withdrawn");
            outbound.abort(Status.UNAUTHENTICATED.withDescription("the token of " + device.name() + " was withdrawn"));
            return;
        }
        ServedModel opened = model;
        if (opened != null && !device.mayUse(opened.name())) {
            device.deniedModel();
            abandon("its device may not use the model any more");
            outbound.abort(Status.PERMISSION_DENIED.withDescription(
                    device.name() + " may not use model \"" + opened.name() + "\" any more"));
            return;
        }
        intake.expire(nowNanos).forEach(this::rejected);
        videos.sweep(nowNanos);
        states.sweep(nowNanos);
        if (model == null && nowNanos - startedNanos > limits.reassemblyTime().toNanos()) {
            outbound.abort(Status.DEADLINE_EXCEEDED.withDescription("no Open within " + limits.reassemblyTime()));
        }
    }

    /** Payload of frames that are not whole. */
    long incomingBytes() {
        return intake.bufferedBytes();
    }

    @Override
    public void drain(long graceNanos) {
        outbound.send(ServerMessage.newBuilder()
                .setDrain(Drain.newBuilder().setGraceMicros(TimeUnit.NANOSECONDS.toMicros(graceNanos)))
                .build());
    }

    /** The stream is over, whatever its end: lets go of what it held. */
    void over() {
        videos.end();
        states.end();
        isOver = true;
        leaveModel();
    }

    /** On whichever thread comes last: that which opened it, or that which saw its end. */
    private void leaveModel() {
        ServedModel opened = model;
        if (isOver && opened != null) {
            opened.closed(this);
        }
    }

    @Override
    public void end() {
        outbound.finish();
    }

    private void abandon(String why) {
        for (StreamRequest request : requests.values()) {
            if (request.task != null) {
                finish(request, Error.Code.CANCELLED, why);
            }
        }
    }

    private void finishIfDone() {
        if (halfClosed && requests.isEmpty()) {
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
