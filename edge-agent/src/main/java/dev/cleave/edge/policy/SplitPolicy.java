package dev.cleave.edge.policy;

/** Decides at which point the next request is cut. Thread-safe; called once per request on the caller's thread. */
public interface SplitPolicy {
    /**
     * @return a point 0..k+1, or {@link Situation#UNAVAILABLE} if there is none. A remote point that is not among
     *     {@link Situation#remotePoints()} will be refused by the link, by name
     */
    int choose(Situation situation);
}
