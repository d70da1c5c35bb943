package dev.cleave.partition.placement;

import java.util.BitSet;

/**
 * Which nodes run on the device, and what that costs. Immutable.
 *
 * @param head the nodes on the device; empty: everything on the gateway, all of them: everything on the device
 * @param cost in the unit of the problem's costs, finite
 */
public record Placement(BitSet head, double cost) {
    public Placement {
        head = (BitSet) head.clone();
    }

    /** A copy. */
    @Override
    public BitSet head() {
        return (BitSet) head.clone();
    }
}
