package dev.cleave.edge.policy;

import dev.cleave.edge.estimate.LinkConditions;

/** Always the same choice, whatever the link does; that bundle and view allow it is checked before. */
public record FixedSplit(Choice choice) implements SplitPolicy {
    @Override
    public Choice choose(Situation situation, DeviceTimes device, LinkConditions link, Demand demand) {
        return choice;
    }
}
