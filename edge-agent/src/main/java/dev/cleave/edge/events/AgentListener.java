package dev.cleave.edge.events;

/**
 * Told what an agent does. Events of one request are nested like brackets: {@code requestStarted}, one
 * {@code decided}, at most one {@code fallback}, {@code requestAnswered} if there is an answer, exactly one
 * {@code requestEnded}; {@code linkUp} and {@code linkDown} alternate.
 *
 * <p>Called on the agent's own threads and on the caller's, several at once: an implementation is thread-safe and
 * quick. What it throws is logged and ignored.
 */
public interface AgentListener {
    /** Ignores everything. */
    AgentListener NONE = new AgentListener() {};

    /**
     * A request was accepted.
     *
     * @param request unique within the agent, from 1; the request id on the wire
     * @param splitPoint the point chosen: 0 CLOUD, 1..k SPLIT, k+1 LOCAL
     * @param rows batch rows in it
     */
    default void requestStarted(long request, int splitPoint, int rows) {}

    /** Why that point, and how its boundary will be coded. */
    default void decided(long request, Decision decision) {}

    /** The device finishes the request; the gateway's answer is still taken if it comes first. */
    default void fallback(long request, Fallback why) {}

    /** The request has an answer; {@code requestEnded} follows at once. */
    default void requestAnswered(long request, Answer answer) {}

    /**
     * The request's future is about to complete, or was cancelled.
     *
     * @param failure null if it was answered, else the one-line reason
     */
    default void requestEnded(long request, String failure) {}

    /**
     * A frame of a stream gave way to a newer one before it was sent. Within the brackets of a request if its head had begun.
     *
     * @param stream as the stream itself says
     */
    default void frameSuperseded(long stream) {}

    /**
     * The state of a stateful model begins with zeros again: the gateway that kept it is out of reach or does not keep it any more, or another
     * version of the model is in use. What the stream's frames had left is forgotten.
     *
     * @param stream as the stream itself says
     * @param why one line
     */
    default void stateReset(long stream, String why) {}

    /**
     * A stream is open and the gateway serves this bundle.
     *
     * @param gateway {@code host:port}, or the authority of a channel that was given
     * @param gatewayVersion as the gateway says
     */
    default void linkUp(String gateway, String gatewayVersion) {}

    /**
     * The stream ended or is not believed in, the first attempts to open one failed, or another gateway takes over, whose
     * {@code linkUp} follows at once.
     *
     * @param gateway that was in use, or was tried first
     * @param reason one line
     */
    default void linkDown(String gateway, String reason) {}

    /**
     * What runs segments on this device: told when a version of the model is loaded, and again when it was found out which engine is the
     * fastest here. Runs that begin afterwards are that engine's.
     */
    default void engineInUse(EngineUse use) {}

    /** Requests that begin from now on are answered by another version of the model; it is on trial. */
    default void bundleUpdated(BundleVersion from, BundleVersion to) {}

    /**
     * A version that the gateway offers is not taken; the one in use goes on.
     *
     * @param why one line
     */
    default void updateRefused(BundleVersion offered, String why) {}

    /**
     * A version did worse than the one before it, which is in use again. It will not be fetched any more.
     *
     * @param why one line
     */
    default void rolledBack(BundleVersion from, BundleVersion to, String why) {}

    /** An answer of the gateway was compared with that of a second run, some time after {@code requestEnded}. */
    default void shadowChecked(long request, ShadowCheck check) {}

    /** A listener that tells this one and then another. */
    default AgentListener and(AgentListener second) {
        return new BothListeners(this, second);
    }
}
