package dev.cleave.partition.plan;

import dev.cleave.partition.profile.CutTime;
import dev.cleave.partition.profile.CutTimes;
import dev.cleave.partition.profile.DeviceProfile;
import java.util.List;

/**
 * The two machines, and how long the model's parts take on them. Immutable.
 *
 * @param edgeHere whether the device is this machine
 * @param cloudHere whether the gateway is this machine
 */
record Machines(
        DeviceProfile edgeProfile,
        DeviceProfile cloudProfile,
        MachineTimes edge,
        MachineTimes cloud,
        boolean edgeHere,
        boolean cloudHere) {

    /** Whether one of them is this machine. */
    boolean anyHere() {
        return edgeHere || cloudHere;
    }

    /** What was run here holds for whichever machine is this one. */
    Machines with(CutTimes times) {
        return new Machines(
                edgeProfile,
                cloudProfile,
                edgeHere ? edge.with(times.deviceWholeMillis(), times.cuts()) : edge,
                cloudHere ? cloud.with(times.wholeMillis(), onGateway(times)) : cloud,
                edgeHere,
                cloudHere);
    }

    private static List<CutTime> onGateway(CutTimes times) {
        return times.cuts().stream().map(CutTime::onGateway).toList();
    }
}
