package dev.cleave.partition.plan;

import dev.cleave.engine.Machine;
import dev.cleave.partition.profile.DeviceProfile;
import dev.cleave.partition.profile.DeviceProfile.BatchCurve;
import dev.cleave.partition.profile.DeviceProfile.BatchTime;
import dev.cleave.partition.profile.DeviceProfile.EngineUse;
import dev.cleave.partition.profile.DeviceProfile.ModelId;
import dev.cleave.partition.profile.DeviceProfile.NodeCost;
import dev.cleave.partition.profile.DeviceProfile.NodeTimes;
import dev.cleave.partition.profile.DeviceProfile.SpotCheck;
import dev.cleave.partition.profile.DeviceProfile.Whole;
import dev.cleave.partition.profile.MemoryEstimate;
import java.util.List;

/** Profiles of machines that there are not. */
final class MadeUpProfile {
    private static final MemoryEstimate MEMORY = new MemoryEstimate(1, 1);

    private MadeUpProfile() {}

    static DeviceProfile of(
            String file,
            String sha256,
            double wholeMillis,
            List<NodeCost> costs,
            List<SpotCheck> checks,
            BatchCurve batch) {
        return new DeviceProfile(
                "test",
                new Machine("pi", "Linux", "aarch64", "a slow core", 4),
                new EngineUse("onnxruntime", "1", "cpu", 1),
                new ModelId(file, sha256, "fp32"),
                new Whole(wholeMillis, 0, 9, List.of(), MEMORY),
                new NodeTimes(true, "", 1, costs),
                checks,
                batch,
                "");
    }

    static SpotCheck check(List<String> boundary, double headMillis, double tailMillis) {
        return new SpotCheck(boundary, headMillis, tailMillis, 9, 0, MEMORY, MEMORY);
    }

    /** The profile that a machine would have that takes {@code factor} times as long for everything. */
    static DeviceProfile scaled(DeviceProfile profile, double factor) {
        return of(
                profile.model().file(),
                profile.model().sha256(),
                profile.whole().medianMillis() * factor,
                profile.nodes().costs().stream()
                        .map(cost -> new NodeCost(cost.node(), cost.output(), cost.operator(), cost.millis() * factor))
                        .toList(),
                profile.spotChecks().stream()
                        .map(check -> check(check.boundary(), check.headMillis() * factor, check.tailMillis() * factor))
                        .toList(),
                new BatchCurve(
                        profile.batch().times().stream()
                                .map(time -> new BatchTime(time.rows(), time.millis() * factor))
                                .toList(),
                        profile.batch().skipped()));
    }
}
