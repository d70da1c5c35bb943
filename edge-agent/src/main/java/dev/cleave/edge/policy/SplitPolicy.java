package dev.cleave.edge.policy;

import dev.cleave.edge.estimate.LinkConditions;

/** Decides where the next request is cut. Thread-safe; called once per request on the caller's thread. */
public interface SplitPolicy {
    /**
     * Chooses.
     *
     * @param situation what may be chosen
     * @param device what this device has measured of itself
     * @param link what is known of the link and of the gateway
     * @return null if there is nothing to choose from. A remote point that is not among {@link
     *     Situation#remotePoints()} will be refused by the link, by name
     */
    Choice choose(Situation situation, DeviceTimes device, LinkConditions link, Demand demand);
}
