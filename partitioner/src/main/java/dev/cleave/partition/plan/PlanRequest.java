package dev.cleave.partition.plan;

import dev.cleave.partition.ModelSummary;
import dev.cleave.partition.profile.DeviceProfile;
import dev.cleave.partition.profile.TimingLimits;
import dev.cleave.partition.sample.Samples;
import dev.cleave.picture.Preprocessing;
import java.util.Objects;

/**
 * What a plan is made of. Immutable.
 *
 * @param summary of the model, without state
 * @param preprocessing of pictures, or null
 * @param samples real inputs, or null: then floats cross as {@code fp16} and agreement is not known
 * @param edge profile of the device, or null: it is this machine
 * @param edgeSlowdown factor on the device's times, for a device that is not at hand; 1 for none
 * @param cloud profile of the gateway, or null: it is this machine
 * @param batch rows of a batch that the gateway is expected to run
 * @param link for which the candidates are looked for
 * @param objective for which the candidates are looked for
 * @param constraints for which the candidates are looked for
 * @param wantedAgreement that each cut's coding has to reach on the samples, 0..1: at least what the constraints ask for
 * @param mostMeasured cuts whose heads and tails are run and whose codec is calibrated
 * @param limits of what is timed on this machine
 */
public record PlanRequest(
        ModelSummary summary,
        Preprocessing preprocessing,
        Samples samples,
        DeviceProfile edge,
        double edgeSlowdown,
        DeviceProfile cloud,
        int batch,
        LinkProfile link,
        Objective objective,
        Constraints constraints,
        double wantedAgreement,
        int mostMeasured,
        TimingLimits limits) {
    /** The shortlist's usual length. */
    public static final int MOST_MEASURED = 8;

    public PlanRequest {
        if (!(edgeSlowdown > 0) || edgeSlowdown == Double.POSITIVE_INFINITY) {
            throw new IllegalArgumentException("edge slowdown " + edgeSlowdown + "; expected above 0");
        }
        if (!(wantedAgreement >= 0 && wantedAgreement <= 1)) {
            throw new IllegalArgumentException("wanted agreement of " + wantedAgreement + "; expected 0..1");
        }
        if (batch < 1 || mostMeasured < 1) {
            throw new IllegalArgumentException(
                    "batch of " + batch + ", " + mostMeasured + " cuts; expected at least 1 of each");
        }
    }

    /** Whether what is measured for the other serves this one too: all but slowdown, link, objective, memory and floor. */
    boolean sharesMeasurementsWith(PlanRequest other) {
        return summary == other.summary
                && Objects.equals(preprocessing, other.preprocessing)
                && samples == other.samples
                && edge == other.edge
                && cloud == other.cloud
                && batch == other.batch
                && constraints.maxDisagreement() == other.constraints.maxDisagreement()
                && wantedAgreement == other.wantedAgreement
                && limits.equals(other.limits);
    }
}
