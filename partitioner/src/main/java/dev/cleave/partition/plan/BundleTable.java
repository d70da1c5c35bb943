package dev.cleave.partition.plan;

import dev.cleave.answer.Agreement;
import dev.cleave.bundle.Bundle;
import dev.cleave.bundle.Contract;
import dev.cleave.bundle.LadderPoint;
import dev.cleave.bundle.PlanTable;
import dev.cleave.bundle.PlanTable.PlanRow;
import dev.cleave.bundle.QualityLevel;
import dev.cleave.partition.calibrate.CodecCurve;
import dev.cleave.partition.calibrate.CodecLabel;
import dev.cleave.partition.profile.DeviceProfile;
import dev.cleave.partition.profile.ProfileException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The table that a bundle carries, as a decision takes it: nothing is run. */
public final class BundleTable {
    private BundleTable() {}

    /**
     * The points of a bundle with the costs that were measured when it was made.
     *
     * @param edgeSlowdown factor on the device's times, beside the one that is in them; 1 for none
     * @return null if the bundle carries none
     */
    public static CostTable of(Bundle bundle, double edgeSlowdown) {
        PlanTable table = bundle.manifest().plan();
        return table == null ? null : of(bundle, table, edgeSlowdown);
    }

    /**
     * The same for a device that was profiled, by {@code cleave profile} or by an agent.
     *
     * @throws ProfileException if the profile is not of what devices run of this bundle, naming both
     */
    public static CostTable of(Bundle bundle, double edgeSlowdown, DeviceProfile edge) throws ProfileException {
        PlanTable table = bundle.manifest().plan();
        return table == null ? null : of(bundle, DeviceRows.of(bundle, table, edge), edgeSlowdown);
    }

    private static CostTable of(Bundle bundle, PlanTable table, double edgeSlowdown) {
        Contract contract = bundle.contract();
        List<CandidateCost> rows = new ArrayList<>();
        for (PlanRow row : table.rows()) {
            rows.add(
                    row.point() == contract.local()
                            ? local(row, edgeSlowdown)
                            : remote(row, contract, table.batch(), edgeSlowdown));
        }
        return new CostTable(
                bundle.file().toString(),
                contract.local(),
                table.edge(),
                table.edgeSlowdown() * edgeSlowdown,
                table.cloud(),
                Agreement.forOutputs(contract.outputs()).label(),
                rows,
                List.of(),
                Map.of(),
                contract.privacyFloor(),
                0);
    }

    private static CandidateCost remote(PlanRow row, Contract contract, int batch, double edgeSlowdown) {
        LadderPoint point = contract.points().get(row.point());
        List<String> tensors =
                point.boundary().stream().map(tensor -> tensor.spec().name()).toList();
        String codec = point.levels().stream()
                .filter(level -> level.name().equals(QualityLevel.DEFAULT))
                .map(level -> CodecLabel.of(level.codecs()))
                .findFirst()
                .orElse("");
        return new CandidateCost(
                row.point() == 0 ? CandidateKind.CLOUD_RAW : CandidateKind.SPLIT,
                null,
                tensors,
                CodecCurve.of(codec, row.wireBytes(), row.agreement()),
                codec,
                row.wireBytes(),
                row.replyBytes(),
                row.headMillis() * edgeSlowdown,
                row.encodeMillis() * edgeSlowdown,
                row.decodeMillis(),
                row.tailMillis(),
                batch,
                row.agreement(),
                0,
                row.leakage(),
                row.headMemoryBytes(),
                row.measured());
    }

    private static CandidateCost local(PlanRow row, double edgeSlowdown) {
        return new CandidateCost(
                CandidateKind.LOCAL,
                null,
                List.of(),
                null,
                "",
                0,
                0,
                row.headMillis() * edgeSlowdown,
                0,
                0,
                0,
                1,
                1,
                0,
                0,
                row.headMemoryBytes(),
                row.measured());
    }
}
