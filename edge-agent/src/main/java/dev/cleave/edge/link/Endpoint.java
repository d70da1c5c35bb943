package dev.cleave.edge.link;

import dev.cleave.edge.estimate.LinkEstimator;
import io.grpc.Channel;
import io.grpc.ConnectivityState;
import java.util.Random;
import java.util.SortedSet;
import java.util.function.IntToDoubleFunction;

/**
 * One address of a gateway, and what is known of it, which outlives the streams to it. Guarded by the link's lock, but for
 * {@link #estimator}, {@link #start} and {@link #sleep}.
 */
final class Endpoint {
    private final int index;
    private final GatewayTarget target;
    private final boolean alone;
    private final LinkEstimator estimator;
    private final AttemptPace pace;
    private final Breaker breaker;
    private GatewayStream attempt;
    private SortedSet<Integer> points;
    /** The connection may be dead without knowing it. */
    private boolean stale;

    /**
     * @param index in order of preference
     * @param alone there is no other address
     */
    Endpoint(
            int index,
            GatewayTarget target,
            boolean alone,
            LinkSettings settings,
            IntToDoubleFunction plannedTailNanos,
            Random random) {
        this.index = index;
        this.target = target;
        this.alone = alone;
        this.estimator = new LinkEstimator(settings.probeBytesPerMinute(), plannedTailNanos);
        this.pace = new AttemptPace(settings, random);
        this.breaker = new Breaker(new Backoff(settings.backoffFirstNanos(), settings.backoffCapNanos(), random));
    }

    int index() {
        return index;
    }

    String address() {
        return target.address();
    }

    /** The channel, with call credentials if there are any. */
    Channel calls() {
        return target.calls();
    }

    LinkEstimator estimator() {
        return estimator;
    }

    AttemptPace pace() {
        return pace;
    }

    Breaker breaker() {
        return breaker;
    }

    /** Served when a stream was last opened; null if none ever was. */
    SortedSet<Integer> points() {
        return points;
    }

    /** Null if none is under way. */
    GatewayStream attempt() {
        return attempt;
    }

    void attempt(GatewayStream stream) {
        attempt = stream;
    }

    /** The attempt succeeded. */
    void opened(SortedSet<Integer> served) {
        attempt = null;
        points = served;
    }

    /** What becomes of the attempt, if there is one, is of no interest any more. */
    void overtaken() {
        attempt = null;
    }

    /** The attempt, or the stream that came of it, ended. */
    void ended(LinkFailure why) {
        attempt = null;
        stale |= why.kind() == LinkFailure.Kind.SILENT;
    }

    /** Whether the connection is not to be trusted with another stream; to be asked once for each attempt. */
    boolean takeStale() {
        boolean was = stale;
        stale = false;
        return was;
    }

    /**
     * Begins an attempt. A connection that swallows bytes would swallow the next stream's too; and a channel that failed to
     * connect turns calls away until its own back-off is over, while ours is over now.
     */
    void start(GatewayStream stream, boolean fresh) {
        if (fresh || target.channel().getState(false) == ConnectivityState.TRANSIENT_FAILURE) {
            sleep();
        }
        stream.start(target.calls());
    }

    /** Lets go of the connection, once the streams on it have ended, until there is a new one. */
    void sleep() {
        target.channel().enterIdle();
    }

    /** The failure with the address, where there is more than one. */
    LinkFailure named(LinkFailure why) {
        return alone ? why : new LinkFailure(why.kind(), address() + ": " + why.message());
    }
}
