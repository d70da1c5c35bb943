package dev.cleave.edge.events;

import java.util.Objects;

/**
 * Where a request was to be cut, and why.
 *
 * @param splitPoint 0 CLOUD, 1..k SPLIT, k+1 LOCAL
 * @param level name of the quality level that its boundary is coded at; empty at LOCAL
 * @param predictedMillis expected time to the answer, or NaN where too little is known to tell
 * @param why one line for people
 */
public record Decision(int splitPoint, String level, double predictedMillis, String why) {
    public Decision {
        Objects.requireNonNull(level, "level");
        Objects.requireNonNull(why, "why");
    }
}
