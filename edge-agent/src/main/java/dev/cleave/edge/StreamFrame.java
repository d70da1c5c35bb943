package dev.cleave.edge;

import dev.cleave.edge.events.Source;
import dev.cleave.edge.link.GatewayStream;
import dev.cleave.edge.link.Scheduler;
import dev.cleave.edge.link.VideoPlace;
import dev.cleave.edge.policy.Overflow;
import dev.cleave.tensor.Tensor;
import dev.cleave.v1.StatePlace;
import dev.cleave.wire.ReferenceSender;
import dev.cleave.wire.StateSender.Continuity;
import java.io.IOException;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;

/**
 * One frame of a stream: first a request that waits, then a call, then an end that waits for its turn. Thread-safe.
 *
 * <p>Of the ways to its end the first counts; the frame then holds no input any more.
 */
final class StreamFrame implements CallContext {
    private final InferenceStream stream;
    private final Scheduler scheduler;
    private final CompletableFuture<InferenceResult> future = new CompletableFuture<>();
    private volatile VideoPlace place = VideoPlace.NONE;
    private volatile StatePlace state = GatewayState.NOWHERE;
    /** Sent, to be held, and nothing was heard of it yet. */
    private volatile boolean unheard;
    /** The request that carried it has ended; the transport may still take what it sent. */
    private volatile boolean requestEnded;

    /** Set before the call begins. */
    private volatile FrameHistory history;

    /** Written once, before anyone else knows of the frame. */
    private volatile long number;
    // Guarded by this.
    private Request request;
    private InferenceCall call;
    private Scheduler.Timer deadlineTimer = () -> {};
    private InferenceResult result;
    private Throwable failure;
    private boolean over;

    /** @param request null if there is none, as it was refused */
    StreamFrame(InferenceStream stream, Scheduler scheduler, Request request) {
        this.stream = stream;
        this.scheduler = scheduler;
        this.request = request;
    }

    void number(long given) {
        number = given;
    }

    long number() {
        return number;
    }

    CompletableFuture<InferenceResult> future() {
        return future;
    }

    /** Its future can be cancelled from now on. */
    void watchCancellation() {
        future.whenComplete((answer, why) -> {
            if (future.isCancelled()) {
                cancelled();
            }
        });
    }

    /** It waits for its turn, unless it has begun: not beyond its deadline. */
    synchronized void watchDeadline() {
        if (request != null) {
            deadlineTimer = scheduler.schedule(this::deadlinePassed, request.deadlineNanos());
        }
    }

    private void deadlinePassed() {
        if (begun() == null) {
            end(null, stream.deadline());
        }
    }

    /** Its turn has come. */
    void start(EdgeAgent agent, Overflow overflow) {
        Request asked = asked();
        if (asked == null) {
            return;
        }
        InferenceCall begun;
        try {
            ModelInUse model = agent.begin();
            history = stream.history(model);
            begun = agent.admitted(model, asked, overflow, this);
        } catch (InferenceException refused) {
            end(null, refused);
            return;
        }
        begun.future().whenComplete(this::end);
        begun.start();
        if (!began(begun)) {
            begun.future().cancel(true); // it ended on its own, or while it was begun
        }
    }

    private synchronized Request asked() {
        return request;
    }

    /** False if it is over. */
    private synchronized boolean began(InferenceCall begun) {
        deadlineTimer.cancel();
        request = null;
        call = over ? null : begun;
        return !over;
    }

    private synchronized InferenceCall begun() {
        return call;
    }

    /** Ends it by name, wherever it is. */
    void fail(InferenceException why) {
        InferenceCall begun = begun();
        if (begun != null) {
            begun.fail(why);
        } else {
            end(null, why);
        }
    }

    /** A newer one takes its place: says so at once, since its owner may want to use the input again. */
    void giveWay(InferenceException why) {
        fail(why);
        boolean gaveWay;
        synchronized (this) {
            gaveWay = failure == why;
        }
        if (gaveWay) {
            future.completeExceptionally(why);
        }
    }

    private void cancelled() {
        InferenceCall begun = begun();
        if (begun != null) {
            begun.future().cancel(true);
        } else {
            end(null, new CancellationException());
        }
    }

    private void end(InferenceResult answer, Throwable why) {
        synchronized (this) {
            if (over) {
                return;
            }
            over = true;
            result = answer;
            failure = why;
            request = null;
            call = null;
            deadlineTimer.cancel();
        }
        boolean byGateway = answer != null && answer.source() != Source.LOCAL;
        stream.ended(this, byGateway ? answer.waterfall() : null);
    }

    /** It has ended, and its turn has come to say so. */
    void complete() {
        InferenceResult answer;
        Throwable why;
        synchronized (this) {
            answer = result;
            why = failure;
        }
        if (why == null) {
            future.complete(answer);
        } else {
            future.completeExceptionally(why);
        }
    }

    @Override
    public Map<String, Tensor> withState(int point, Map<String, Tensor> inputs, int rows) throws InferenceException {
        return history.state().with(point, inputs, rows);
    }

    @Override
    public void headEnded(int point, Map<String, Tensor> crossing) {
        history.state().keep(point, crossing);
        stream.ready(this);
    }

    @Override
    public void takenUp() {
        stream.takenUp(this);
    }

    @Override
    public CodedFrame encode(int point, int level, GatewayStream open, Activation activation)
            throws IOException, InferenceException {
        StatePlace kept =
                history.gatewayState().place(number, history.contract().stateAfter(point), open);
        state = kept;
        CodedFrame frame = coded(point, level, open, activation).continuing(kept);
        if (frame.isKept()) {
            history.kept().sending(open);
        }
        return frame;
    }

    private CodedFrame coded(int point, int level, GatewayStream open, Activation activation)
            throws IOException, InferenceException {
        VideoCoding video = history.video();
        if (video == null) {
            return CallContext.alone(history.codecs()).encode(point, level, open, activation);
        }
        CodedFrame coded = video.encode(point, level, open, activation);
        unheard = false;
        place = coded.place();
        return coded;
    }

    @Override
    public void sent() {
        unheard = place.hold();
        stream.sent(this);
        if (requestEnded && unheard) {
            history.video().unheard();
        }
    }

    @Override
    public void acknowledged(long held) {
        unheard = false;
        VideoCoding video = history.video();
        if (video != null) {
            video.acknowledged(place.number(), held);
        }
        history.gatewayState().acknowledged(state);
    }

    @Override
    public boolean stateLost(String why) {
        history.gatewayState().lost(state, why);
        return true;
    }

    @Override
    public Continuity answered(long stateAfter) {
        return state.getStreamId() == 0
                ? Continuity.CONTINUES
                : history.gatewayState().answered(state, stateAfter);
    }

    @Override
    public boolean referenceLost() {
        VideoPlace lost = place;
        VideoCoding video = history.video();
        if (video == null || lost.reference() == ReferenceSender.NONE) {
            return false;
        }
        video.lost(lost.reference());
        return true;
    }

    @Override
    public void ended() {
        requestEnded = true;
        VideoCoding video = history.video();
        if (unheard) {
            video.unheard();
        } else if (video != null) {
            video.ended(place.number());
        }
        history.kept().frameEnded();
    }
}
