package dev.cleave.edge;

import dev.cleave.edge.InferenceException.Reason;
import dev.cleave.edge.events.Waterfall;
import dev.cleave.edge.policy.Overflow;
import dev.cleave.edge.stream.FrameGate;
import dev.cleave.edge.stream.FrameOrder;
import dev.cleave.edge.stream.StreamSettings;
import dev.cleave.tensor.Tensor;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * Frames that follow each other, as those of a video: answered in the order of their submission, and sent as what has changed.
 *
 * <pre>{@code
 * try (InferenceStream frames = agent.stream(StreamSettings.latest())) {
 *     frames.submit(InferenceInput.of(picture)).thenAccept(result -> show(result.labels()));
 * }
 * }</pre>
 *
 * <p>A frame fails in its turn, like an answer comes in its turn; but one that gives way to a newer one says so at once, and its input is
 * free again. Each has a deadline of its own, from its submission. The state of a stateful
 * model goes from one frame to the next and is no part of inputs and outputs. It stays on the side that makes it: the device's begins with zeros,
 * and a frame that gave way, or failed before its head was run, is one that the model never saw; the gateway's goes on with the frames that
 * are answered, and begins anew, with zeros, on another connection: {@link
 * dev.cleave.edge.events.AgentListener#stateReset} says so, and {@link InferenceResult#stateReset} of the first answer. So does a new version
 * of the model.
 *
 * <p>Thread-safe; frames that several threads submit are ordered as they come. docs/AGENT.md, "Streams".
 */
public final class InferenceStream implements AutoCloseable {
    private final EdgeAgent agent;
    private final AgentSurroundings surroundings;
    private final long id;
    private final Overflow overflow;
    private final long allowedNanos;
    private final Runnable onClose;
    private final boolean temporal;
    private final double addedError;

    private final Object lock = new Object();
    // Guarded by the lock, which is never held while anything else is called.
    private final FrameGate<StreamFrame> gate;
    private final FrameOrder<StreamFrame> order = new FrameOrder<>();
    /** Null before the first frame. */
    private FrameHistory history;

    private boolean starting;
    private boolean telling;
    private boolean closed;

    /**
     * @param temporal whether boundaries are coded against each other
     * @param onClose run once, when this is closed
     */
    InferenceStream(
            EdgeAgent agent,
            AgentSurroundings surroundings,
            StreamSettings settings,
            long allowedNanos,
            boolean temporal,
            Runnable onClose) {
        this.agent = agent;
        this.surroundings = surroundings;
        this.id = surroundings.ids().incrementAndGet();
        this.overflow = settings.overflow();
        this.allowedNanos = allowedNanos;
        this.onClose = onClose;
        this.temporal = temporal;
        this.addedError = settings.addedError();
        this.gate = new FrameGate<>(settings.overflow(), settings.depth());
    }

    /** Tells the streams of an agent apart; in events. */
    public long id() {
        return id;
    }

    /** {@link #submit(InferenceInput)} for tensors. */
    public CompletableFuture<InferenceResult> submit(Map<String, Tensor> tensors) {
        return submit(InferenceInput.of(tensors));
    }

    /**
     * Submits the next frame, as {@link EdgeAgent#infer(InferenceInput)} does a request.
     *
     * @return completes after those of all frames before it that did not give way: with the answer, or exceptionally with an {@link
     *     InferenceException}
     */
    public CompletableFuture<InferenceResult> submit(InferenceInput input) {
        Request request = null;
        InferenceException malformed = null;
        try {
            request = agent.request(input, allowedNanos);
        } catch (InferenceException e) {
            malformed = e;
        }
        StreamFrame frame = new StreamFrame(this, surroundings.scheduler(), request);
        FrameGate.Offer<StreamFrame> offer = offer(frame, malformed == null);
        for (StreamFrame older : offer.superseded()) {
            CallEvents.tell(surroundings.listener(), to -> to.frameSuperseded(id));
            older.giveWay(new InferenceException(
                    Reason.SUPERSEDED,
                    "frame " + older.number() + " of stream " + id + " gave way to frame " + frame.number()
                            + " before it was sent"));
        }
        if (!offer.accepted()) {
            frame.fail(malformed != null ? malformed : noPlace());
        }
        goOn();
        frame.watchDeadline();
        frame.watchCancellation();
        return frame.future();
    }

    /** Gives the frame its number, and its place if there is one for it. */
    private FrameGate.Offer<StreamFrame> offer(StreamFrame frame, boolean wellFormed) {
        synchronized (lock) {
            frame.number(order.submit());
            return wellFormed && !closed
                    ? gate.offer(frame, now())
                    : new FrameGate.Offer<>(false, Collections.emptyList());
        }
    }

    private InferenceException noPlace() {
        synchronized (lock) {
            return closed
                    ? closed()
                    : new InferenceException(
                            Reason.REFUSED,
                            "stream " + id + " cannot take another frame now: " + gate.waiting()
                                    + " wait for their turn; expected fewer");
        }
    }

    private long now() {
        return surroundings.scheduler().nanoTime();
    }

    private static InferenceException closed() {
        return new InferenceException(Reason.CLOSED, "stream is closed");
    }

    /**
     * Starts what may start, and completes the futures whose turn has come; after every event. Of each kind one thread does so at a
     * time, and what comes up meanwhile is left to it: frames start in order, and futures complete in order.
     */
    private void goOn() {
        for (StreamFrame next = nextToStart(true); next != null; next = nextToStart(false)) {
            next.start(agent, overflow);
        }
        for (StreamFrame next = nextToTell(true); next != null; next = nextToTell(false)) {
            next.complete();
        }
    }

    private StreamFrame nextToStart(boolean first) {
        synchronized (lock) {
            if (first && starting) {
                return null;
            }
            StreamFrame next = closed ? null : gate.start(now());
            starting = next != null;
            return next;
        }
    }

    private StreamFrame nextToTell(boolean first) {
        synchronized (lock) {
            if (first && telling) {
                return null;
            }
            StreamFrame next = order.poll();
            telling = next != null;
            return next;
        }
    }

    /** What a frame that begins shares with those before it: nothing if it is the first one of a new version of the model. */
    FrameHistory history(ModelInUse model) {
        FrameHistory now;
        boolean updated;
        synchronized (lock) {
            boolean isNew = history == null || history.model() != model;
            updated = history != null && isNew;
            if (isNew) {
                AgentParts parts = model.parts();
                history = new FrameHistory(
                        model,
                        new DeviceState(parts.contract()),
                        new GatewayState(id, this::stateReset),
                        temporal ? new VideoCoding(parts.codecs(), id, addedError) : null,
                        new KeptAtGateway(id));
            }
            now = history;
        }
        if (updated && !now.contract().state().isEmpty()) {
            stateReset("another version of the model is in use");
        }
        return now;
    }

    private void stateReset(String why) {
        CallEvents.tell(surroundings.listener(), to -> to.stateReset(id, why));
    }

    /** Its head is done. */
    void ready(StreamFrame frame) {
        synchronized (lock) {
            gate.ready(frame, now());
        }
    }

    /** The device finishes it. */
    void takenUp(StreamFrame frame) {
        synchronized (lock) {
            gate.takenUp(frame);
        }
    }

    /** It is on its way, so that another head may run. */
    void sent(StreamFrame frame) {
        synchronized (lock) {
            gate.sent(frame, now());
        }
        goOn();
    }

    /**
     * It is over.
     *
     * @param answer of the gateway; null if it is not the gateway's
     */
    void ended(StreamFrame frame, Waterfall answer) {
        synchronized (lock) {
            if (answer != null) {
                gate.answered(frame, narrowestNanos(answer), now());
            } else {
                gate.ended(frame);
            }
            order.end(frame.number(), frame);
        }
        goOn();
    }

    /** The ways there and back are as long: what one of them took longer was spent on crossing, a frame at a time. */
    private static long narrowestNanos(Waterfall times) {
        double crossing = Math.abs(times.uplinkMillis() - times.downlinkMillis());
        double gateway = times.queueMillis() + times.decodeMillis() + times.tailMillis() + times.gatewayOtherMillis();
        return (long) (Math.max(crossing, gateway) * 1e6);
    }

    /** A waiting frame's time is over. */
    InferenceException deadline() {
        return new InferenceException(
                Reason.DEADLINE,
                "frame of stream " + id + " has no answer within " + TimeUnit.NANOSECONDS.toMillis(allowedNanos)
                        + " ms; it was waiting for its turn");
    }

    /** Ends every frame that has no answer yet with {@code CLOSED}; a gateway lets go of what it keeps. A second call does nothing. */
    @Override
    public void close() {
        List<StreamFrame> open;
        FrameHistory last;
        synchronized (lock) {
            if (closed) {
                return;
            }
            closed = true;
            open = gate.open();
            last = history;
        }
        for (StreamFrame frame : open) {
            frame.fail(closed());
        }
        if (last != null) {
            last.close();
        }
        onClose.run();
    }
}
