package dev.cleave.partition.plan;

import dev.cleave.codec.CodecParams;
import dev.cleave.partition.ModelSummary;
import dev.cleave.partition.edge.EdgeChoice;
import dev.cleave.partition.profile.DeviceProfile;
import dev.cleave.partition.profile.TimingLimits;
import dev.cleave.partition.sample.Samples;
import dev.cleave.picture.Preprocessing;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;

/** What a plan is made of. Immutable; made by {@link #of}, and the {@code with} methods make variants. */
public final class PlanRequest {
    /** The shortlist's usual length. */
    public static final int MOST_MEASURED = 8;

    private final ModelSummary summary;
    private LinkProfile link;
    private Objective objective = Objective.LATENCY;
    private Constraints constraints = Constraints.defaults();
    private Preprocessing preprocessing;
    private Samples samples;
    private double wantedAgreement = 1;
    private EdgeChoice edgeChoice = EdgeChoice.FLOAT;
    private DeviceProfile edge;
    private double edgeSlowdown = 1;
    private DeviceProfile cloud;
    private int batch = 1;
    private int mostMeasured = MOST_MEASURED;
    private TimingLimits limits = TimingLimits.defaults();
    private List<CodecParams> replies;

    private PlanRequest(ModelSummary summary) {
        this.summary = summary;
    }

    /**
     * The lowest latency under the default constraints, without samples; both machines are this one, and the gateway runs
     * single rows.
     *
     * @param summary of the model, without state
     * @param link for which the candidates are looked for
     */
    public static PlanRequest of(ModelSummary summary, LinkProfile link) {
        PlanRequest request = new PlanRequest(summary);
        request.link = link;
        return request;
    }

    private PlanRequest with(Consumer<PlanRequest> change) {
        PlanRequest copy = new PlanRequest(summary);
        copy.link = link;
        copy.objective = objective;
        copy.constraints = constraints;
        copy.preprocessing = preprocessing;
        copy.samples = samples;
        copy.wantedAgreement = wantedAgreement;
        copy.edgeChoice = edgeChoice;
        copy.edge = edge;
        copy.edgeSlowdown = edgeSlowdown;
        copy.cloud = cloud;
        copy.batch = batch;
        copy.mostMeasured = mostMeasured;
        copy.limits = limits;
        copy.replies = replies;
        change.accept(copy);
        return copy;
    }

    /** Of the model, without state. */
    public ModelSummary summary() {
        return summary;
    }

    /** For which the candidates are looked for. */
    public LinkProfile link() {
        return link;
    }

    /** For which the candidates are looked for. */
    public Objective objective() {
        return objective;
    }

    /** For which the candidates are looked for. */
    public Constraints constraints() {
        return constraints;
    }

    /** Of pictures, or null; its input may still be unnamed. */
    public Preprocessing preprocessing() {
        return preprocessing;
    }

    /** Real inputs, or null: then floats cross as {@code fp16} and agreement is not known. */
    public Samples samples() {
        return samples;
    }

    /** That each cut's coding has to reach on the samples, 0..1; of no account without them. */
    public double wantedAgreement() {
        return wantedAgreement;
    }

    /** What devices run: the float model, if nothing else was decided. */
    public EdgeChoice edgeChoice() {
        return edgeChoice;
    }

    /** Profile of the device (of the float model), or null: it is this machine. */
    public DeviceProfile edge() {
        return edge;
    }

    /** Factor on the device's times, for a device that is not at hand; 1 for none. */
    public double edgeSlowdown() {
        return edgeSlowdown;
    }

    /** Profile of the gateway, or null: it is this machine. */
    public DeviceProfile cloud() {
        return cloud;
    }

    /** Rows of a batch that the gateway is expected to run. */
    public int batch() {
        return batch;
    }

    /** Cuts whose heads and tails are run and whose codec is calibrated, at most. */
    public int mostMeasured() {
        return mostMeasured;
    }

    /** Of what is timed on this machine. */
    public TimingLimits limits() {
        return limits;
    }

    /** How each output is coded on the way back, or null: as the samples allow. */
    public List<CodecParams> replies() {
        return replies;
    }

    public PlanRequest withEdgeChoice(EdgeChoice value) {
        return with(copy -> copy.edgeChoice = value);
    }

    public PlanRequest withObjective(Objective value) {
        return with(copy -> copy.objective = value);
    }

    public PlanRequest withConstraints(Constraints value) {
        return with(copy -> copy.constraints = value);
    }

    public PlanRequest withPreprocessing(Preprocessing value) {
        return with(copy -> copy.preprocessing = value);
    }

    /**
     * @param value may be null
     * @param agreement wanted on them, 0..1: at least what the constraints ask for
     */
    public PlanRequest withSamples(Samples value, double agreement) {
        if (!(agreement >= 0 && agreement <= 1)) {
            throw new IllegalArgumentException("wanted agreement of " + agreement + "; expected 0..1");
        }
        return with(copy -> {
            copy.samples = value;
            copy.wantedAgreement = agreement;
        });
    }

    public PlanRequest withEdge(DeviceProfile value) {
        return with(copy -> copy.edge = value);
    }

    public PlanRequest withEdgeSlowdown(double value) {
        if (!(value > 0) || value == Double.POSITIVE_INFINITY) {
            throw new IllegalArgumentException("edge slowdown " + value + "; expected above 0");
        }
        return with(copy -> copy.edgeSlowdown = value);
    }

    public PlanRequest withCloud(DeviceProfile value) {
        return with(copy -> copy.cloud = value);
    }

    public PlanRequest withBatch(int value) {
        if (value < 1) {
            throw new IllegalArgumentException("batch of " + value + "; expected at least 1");
        }
        return with(copy -> copy.batch = value);
    }

    public PlanRequest withMostMeasured(int value) {
        if (value < 1) {
            throw new IllegalArgumentException(value + " cuts to measure; expected at least 1");
        }
        return with(copy -> copy.mostMeasured = value);
    }

    public PlanRequest withLimits(TimingLimits value) {
        return with(copy -> copy.limits = value);
    }

    public PlanRequest withReplies(List<CodecParams> value) {
        return with(copy -> copy.replies = value);
    }

    /** Whether what is measured for the other serves this one too: all but slowdown, link, objective, memory and floor. */
    boolean sharesMeasurementsWith(PlanRequest other) {
        return summary == other.summary
                && Objects.equals(preprocessing, other.preprocessing)
                && samples == other.samples
                && edgeChoice == other.edgeChoice
                && edge == other.edge
                && cloud == other.cloud
                && batch == other.batch
                && constraints.maxDisagreement() == other.constraints.maxDisagreement()
                && wantedAgreement == other.wantedAgreement
                && limits.equals(other.limits)
                && Objects.equals(replies, other.replies);
    }
}
