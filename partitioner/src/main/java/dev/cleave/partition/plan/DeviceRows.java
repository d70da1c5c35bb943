package dev.cleave.partition.plan;

import dev.cleave.bundle.Bundle;
import dev.cleave.bundle.Contract;
import dev.cleave.bundle.PlanTable;
import dev.cleave.bundle.PlanTable.PlanRow;
import dev.cleave.codec.BoundaryTensor;
import dev.cleave.partition.profile.DeviceProfile;
import dev.cleave.partition.profile.DeviceProfile.SpotCheck;
import dev.cleave.partition.profile.ProfileException;
import java.util.ArrayList;
import java.util.List;

/**
 * A bundle's table with the times of a device that was profiled in place of those that it was planned with. What the profile does not
 * tell takes as many times as long as planned as all that it tells does together.
 */
final class DeviceRows {
    private final Contract contract;
    private final DeviceProfile device;

    private DeviceRows(Contract contract, DeviceProfile device) {
        this.contract = contract;
        this.device = device;
    }

    /** @throws ProfileException if the profile is not of what devices run of this bundle */
    static PlanTable of(Bundle bundle, PlanTable table, DeviceProfile device) throws ProfileException {
        Contract contract = bundle.contract();
        if (!device.model().sha256().equals(contract.sourceDigest())) {
            throw new ProfileException("profile of " + device.model().file() + " was made of a model with SHA-256 "
                    + device.model().sha256() + "; expected that of bundle " + bundle.file() + ", "
                    + contract.sourceDigest());
        }
        if (!device.model().precision().equals(contract.edgePrecision())) {
            throw new ProfileException("profile of " + device.model().file() + " is of "
                    + device.model().precision() + "; expected " + contract.edgePrecision()
                    + ", which devices run of bundle "
                    + bundle.file());
        }
        return new DeviceRows(contract, device).table(table);
    }

    private PlanTable table(PlanTable table) throws ProfileException {
        double measured = 0;
        double planned = 0;
        for (PlanRow row : table.rows()) {
            double millis = headMillis(row.point());
            if (!Double.isNaN(millis)) {
                measured += millis;
                planned += row.headMillis();
            }
        }
        if (!(planned > 0)) {
            throw new ProfileException("profile of " + device.model().file()
                    + " has no time of any point that the bundle was planned at; expected one at least");
        }
        List<PlanRow> rows = new ArrayList<>();
        for (PlanRow row : table.rows()) {
            rows.add(row(row, measured / planned));
        }
        return new PlanTable(device.describe(), 1, table.cloud(), table.batch(), rows);
    }

    /** Of all before a point; NaN where it was not timed. */
    private double headMillis(int point) {
        if (point == contract.local()) {
            return device.whole().medianMillis();
        }
        List<String> boundary = contract.points().get(point).boundary().stream()
                .map(BoundaryTensor::spec)
                .map(spec -> spec.name())
                .toList();
        return device.spotChecks().stream()
                .filter(check -> point > 0 && check.boundary().equals(boundary))
                .mapToDouble(SpotCheck::headMillis)
                .findFirst()
                .orElse(Double.NaN);
    }

    private PlanRow row(PlanRow row, double pace) {
        double head = headMillis(row.point());
        return new PlanRow(
                row.point(),
                Double.isNaN(head) ? row.headMillis() * pace : head,
                row.encodeMillis() * pace,
                row.decodeMillis(),
                row.tailMillis(),
                row.wireBytes(),
                row.replyBytes(),
                row.agreement(),
                row.leakage(),
                row.headMemoryBytes(),
                row.measured() && !Double.isNaN(head));
    }
}
