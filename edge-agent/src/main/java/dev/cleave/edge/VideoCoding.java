package dev.cleave.edge;

import dev.cleave.codec.BoundaryReference;
import dev.cleave.codec.BoundaryTuning;
import dev.cleave.codec.Entropy;
import dev.cleave.codec.StreamedBoundary;
import dev.cleave.edge.link.GatewayStream;
import dev.cleave.edge.link.VideoPlace;
import dev.cleave.wire.ReferenceSender;
import dev.cleave.wire.ReferenceSender.Plan;
import java.io.IOException;

/**
 * Codes the boundaries of one stream's frames against those that the gateway has said it holds. Owns what is kept of them.
 *
 * <p>Frames are coded on the head worker, one after another; acknowledgements and ends come on other threads. Thread-safe for that.
 */
final class VideoCoding {
    /** What a tuning has been learned for. */
    private record Tuned(int point, int level, Entropy entropy) {}

    private final WireCodecs codecs;
    private final long video;
    private final double addedError;
    // Guarded by this.
    private final ReferenceSender<BoundaryReference> references = new ReferenceSender<>();
    private GatewayStream connection;
    // On the worker alone.
    private BoundaryTuning tuning;
    private Tuned tuned;

    /**
     * @param video number of the video, not 0, unique within the agent
     * @param addedError as {@link dev.cleave.edge.stream.StreamSettings} has it
     */
    VideoCoding(WireCodecs codecs, long video, double addedError) {
        this.codecs = codecs;
        this.video = video;
        this.addedError = addedError;
    }

    /** Codes a frame; on the worker. What this connection has not acknowledged is not referred to. */
    CodedFrame encode(int point, int level, GatewayStream open, Activation activation)
            throws IOException, InferenceException {
        Tuned wanted = new Tuned(point, level, open.entropy());
        if (!wanted.equals(tuned)) {
            tuning = codecs.tuning(point, level, open.entropy(), addedError);
            tuned = wanted;
        }
        Plan<BoundaryReference> plan = plan(point, level, open);
        boolean sent = false;
        try {
            StreamedBoundary coded = codecs.encode(point, level, open.entropy(), activation, plan.content(), tuning);
            if (coded.reference().isEmpty()) {
                return new CodedFrame(coded.payload(), VideoPlace.NONE); // nothing in it is quantised
            }
            sent(plan, coded.reference());
            sent = true;
            return new CodedFrame(coded.payload(), new VideoPlace(video, plan.number(), plan.reference(), plan.hold()));
        } finally {
            if (!sent) {
                ended(plan.number());
            }
        }
    }

    private synchronized Plan<BoundaryReference> plan(int point, int level, GatewayStream open) {
        if (open != connection) {
            references.reset();
            connection = open;
        }
        return references.plan(point, level);
    }

    private synchronized void sent(Plan<BoundaryReference> plan, BoundaryReference content) {
        references.sent(plan, content);
    }

    synchronized void acknowledged(long number, long held) {
        references.acknowledged(number, held);
    }

    synchronized void lost(long reference) {
        references.lost(reference);
    }

    /** It is not known whether the gateway has got a frame that was sent, and holds it: what is planned begins anew. */
    synchronized void unheard() {
        references.reset();
    }

    /** Of a frame that was acknowledged, or never sent. */
    synchronized void ended(long number) {
        references.ended(number);
    }

    /** Lets go of everything. */
    synchronized void close() {
        references.reset();
        connection = null;
    }
}
