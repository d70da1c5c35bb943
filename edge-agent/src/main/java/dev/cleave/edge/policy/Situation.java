package dev.cleave.edge.policy;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * What a policy may choose from at one moment.
 *
 * @param remotePoints ladder points that the privacy floor, the bundle's view and the gateway allow, ascending
 * @param linkUsable whether a request handed to the link now would travel or wait for a first connection, rather than
 *     fail at once
 * @param localPoint k+1 if this view can finish alone, else {@link #UNAVAILABLE}
 */
public record Situation(List<Integer> remotePoints, boolean linkUsable, int localPoint) {
    public static final int UNAVAILABLE = -1;

    public Situation {
        remotePoints = Collections.unmodifiableList(new ArrayList<>(remotePoints));
    }

    public boolean localPossible() {
        return localPoint != UNAVAILABLE;
    }
}
