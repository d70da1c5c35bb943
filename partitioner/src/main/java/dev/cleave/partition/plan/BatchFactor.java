package dev.cleave.partition.plan;

import dev.cleave.partition.profile.DeviceProfile;
import dev.cleave.partition.profile.DeviceProfile.BatchTime;
import dev.cleave.partition.profile.ProfileException;
import java.util.List;

/** How much longer than a single row a batch takes on a profiled machine. */
final class BatchFactor {
    private BatchFactor() {}

    /**
     * @throws ProfileException if the profile has no such batch, saying which it has, or why it has none
     */
    static double of(DeviceProfile profile, int rows) throws ProfileException {
        if (rows == 1) {
            return 1;
        }
        List<BatchTime> times = profile.batch().times();
        double single = Double.NaN;
        double wanted = Double.NaN;
        for (BatchTime time : times) {
            single = time.rows() == 1 ? time.millis() : single;
            wanted = time.rows() == rows ? time.millis() : wanted;
        }
        if (Double.isNaN(single) || Double.isNaN(wanted)) {
            String has = times.isEmpty()
                    ? "none"
                            + (profile.batch().skipped().isEmpty()
                                    ? ""
                                    : " (" + profile.batch().skipped() + ")")
                    : times.stream().map(BatchTime::rows).toList().toString();
            throw new ProfileException(
                    "profile of " + profile.model().file() + " has the batches " + has + "; expected 1 and " + rows);
        }
        return wanted / single;
    }
}
