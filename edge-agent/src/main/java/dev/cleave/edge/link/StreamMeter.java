package dev.cleave.edge.link;

import dev.cleave.edge.estimate.AckWatch;
import dev.cleave.edge.estimate.DownlinkMeter;
import dev.cleave.edge.estimate.LinkConditions;
import dev.cleave.edge.estimate.LinkEstimator;
import dev.cleave.edge.estimate.UplinkMeter;
import dev.cleave.v1.ClientMessage;
import dev.cleave.v1.Frame;
import dev.cleave.v1.GatewayTiming;
import dev.cleave.v1.Reply;
import java.util.concurrent.TimeUnit;

/**
 * What the messages of one stream tell of the link, for the estimator of its address. Not thread-safe, guarded by the
 * stream's lock.
 */
final class StreamMeter {
    static final int NO_LOOK = LinkEstimator.NO_LOOK;

    /** No gateway's claim about one request is believed beyond that. */
    private static final long MAX_CLAIM_MICROS = TimeUnit.MINUTES.toMicros(1);

    private final LinkEstimator estimator;
    private final UplinkMeter uplink;
    private final DownlinkMeter downlink;
    private final AckWatch watch;

    StreamMeter(LinkEstimator estimator, long nowNanos) {
        this.estimator = estimator;
        this.uplink = new UplinkMeter(estimator);
        this.downlink = new DownlinkMeter(estimator, nowNanos);
        this.watch = new AckWatch(nowNanos);
    }

    /** A message is about to go to the transport. Of control messages only pings count: the others are tiny. */
    void handedOver(ClientMessage message, long nowNanos) {
        if (message.hasPing()) {
            uplink.handedOver(message.getPing().getPadding().size(), nowNanos);
            uplink.pinged(message.getPing().getNonce());
        } else if (message.hasFrame()) {
            Frame chunk = message.getFrame();
            uplink.handedOver(chunk.getPayload().size(), nowNanos);
            if (chunk.getChunkIndex() == chunk.getChunkCount() - 1) {
                uplink.frameEnded(chunk.getRequestId());
            }
        }
    }

    /** Any message came. */
    void heard(long nowNanos) {
        watch.heard(nowNanos);
    }

    /** @param readingNanos that the gateway spent on the frame before it said so */
    void acknowledged(long requestId, long readingNanos, long nowNanos) {
        uplink.acknowledged(requestId, readingNanos, nowNanos);
    }

    void ponged(long nonce, long nowNanos) {
        uplink.ponged(nonce, nowNanos);
    }

    /** What the reply to a frame that was acknowledged now will be timed against. */
    DownlinkMeter.Answer answerOf(long nowNanos) {
        return downlink.acknowledged(nowNanos);
    }

    /**
     * A chunk of a reply came, or an error.
     *
     * @param request null if nobody waits for it
     */
    void received(Reply chunk, PendingReplies.Pending request, long nowNanos) {
        uplink.withdrawn(chunk.getRequestId());
        uplink.received(chunk.getPayload().size());
        downlink.received(
                request == null ? null : request.answer(), chunk.getPayload().size(), nowNanos);
        if (request != null && chunk.hasTiming()) {
            GatewayTiming timing = chunk.getTiming();
            estimator.replied(
                    request.splitPoint(), nanos(timing.getQueueMicros()), nanos(timing.getTailMicros()), nowNanos);
        }
    }

    /** That chunk was the last. */
    void whole(GatewayTiming timing, PendingReplies.Pending request, long nowNanos) {
        if (request.answer() != null) {
            downlink.whole(request.answer(), nanos(timing.getResidenceMicros()), nowNanos);
        }
    }

    /** What a gateway says that something took. */
    static long nanos(long micros) {
        return TimeUnit.MICROSECONDS.toNanos(Math.max(0, Math.min(micros, MAX_CLAIM_MICROS)));
    }

    LinkConditions conditions(long nowNanos) {
        return estimator.conditions(nowNanos).withInFlight(uplink.inFlightBytes());
    }

    /** As {@link LinkEstimator#takeLook}. */
    int takeLook(boolean remote, long nowNanos) {
        return estimator.takeLook(remote, nowNanos);
    }

    /** As {@link LinkEstimator#takeSecondLook}. */
    int takeSecondLook(long nowNanos) {
        return estimator.takeSecondLook(nowNanos);
    }

    boolean isIdle() {
        return uplink.isIdle();
    }

    /** Whether bytes were handed over that nothing will acknowledge. */
    boolean isUnmarked() {
        return uplink.isUnmarked();
    }

    long allowanceNanos(long nowNanos) {
        return watch.allowanceNanos(uplink.owed(), estimator.conditions(nowNanos));
    }

    /** 0 or less if the gateway owes an acknowledgement for too long, {@link AckWatch#NEVER} if it owes none. */
    long nanosUntilOverdue(long nowNanos) {
        return watch.nanosUntilOverdue(uplink.owed(), estimator.conditions(nowNanos), nowNanos);
    }
}
