package dev.cleave.benchmarks.plan;

import dev.cleave.partition.plan.CandidateCost;
import dev.cleave.partition.plan.CandidateKind;
import dev.cleave.partition.plan.LinkProfile;
import dev.cleave.partition.survey.Surveyed;
import java.util.List;

/**
 * One way to run a model, measured for the oracle. Times are milliseconds of this machine.
 *
 * @param tensors what crosses
 * @param head on the device; null where nothing runs there
 * @param tail on the gateway; null where nothing runs there
 * @param prepareMillis of a picture on the device
 * @param sent what crosses and what its codec takes; null for LOCAL
 * @param agreement share of answers that stay the same; NaN where that is not known
 * @param agreementInputs that this was counted on; 0 where that is not known
 */
record OracleCandidate(
        CandidateKind kind,
        List<String> tensors,
        Estimate head,
        Estimate tail,
        double prepareMillis,
        Surveyed sent,
        double agreement,
        int agreementInputs) {
    /** The whole model on the device. */
    static OracleCandidate local(Estimate whole, double prepareMillis, double agreement, int inputs) {
        return new OracleCandidate(CandidateKind.LOCAL, List.of(), whole, null, prepareMillis, null, agreement, inputs);
    }

    /** The whole model on the gateway. */
    static OracleCandidate cloud(CandidateKind kind, Estimate whole, Surveyed sent) {
        return new OracleCandidate(kind, List.of(), null, whole, 0, sent, sent.agreement(), sent.inputs());
    }

    static OracleCandidate split(
            List<String> tensors, Estimate head, Estimate tail, double prepareMillis, Surveyed sent) {
        return new OracleCandidate(
                CandidateKind.SPLIT, tensors, head, tail, prepareMillis, sent, sent.agreement(), sent.inputs());
    }

    /** From the input to the answer: the sum that the planner makes, of other measurements. */
    Estimate total(LinkProfile link, double slowdown) {
        if (kind == CandidateKind.LOCAL) {
            return head.plus(prepareMillis).times(slowdown);
        }
        double fixed = sent.encodeMillis() * slowdown
                + sent.decodeMillis()
                + link.uplinkMillis(sent.wireBytes())
                + link.downlinkMillis(sent.replyBytes());
        return head == null
                ? tail.plus(fixed)
                : head.plus(prepareMillis).times(slowdown).plus(tail).plus(fixed);
    }

    /** Time that the gateway spends on one request. */
    double gatewayMillis() {
        return kind == CandidateKind.LOCAL ? 0 : tail.value() + sent.decodeMillis();
    }

    /** Whether this is what the planner has in that row of its table. */
    boolean is(CandidateCost row) {
        return kind == row.kind() && (kind != CandidateKind.SPLIT || tensors.equals(row.tensors()));
    }
}
