package dev.cleave.partition.plan;

import dev.cleave.partition.calibrate.CodecCurve;
import dev.cleave.partition.cut.Cut;
import java.util.List;

/**
 * What a candidate costs whatever the link is: one row of the plan's table. Times in milliseconds for one row of input
 * on an otherwise idle machine; bytes are payload for one row.
 *
 * @param cut null unless {@code kind} is SPLIT
 * @param tensors what crosses; empty for LOCAL
 * @param curve bytes against agreement; null for LOCAL
 * @param codec label of the level that the other figures are for, empty for LOCAL
 * @param wireBytes up
 * @param replyBytes down: the outputs that the gateway makes
 * @param headMillis on the device, preparing the inputs included
 * @param tailMillis how long the batch runs in which the request is, on the gateway
 * @param batch rows of that batch
 * @param agreement of that level, 0..1, NaN where unknown
 * @param agreementInputs that the agreement was counted on; 0 where that is not known
 * @param leakage distance correlation between the input and what crosses, 0..1, NaN where unknown
 * @param headMemoryBytes weights and largest set of live tensors of what the device runs
 * @param measured whether head and tail of this very cut were run; false: predicted from single operators
 */
public record CandidateCost(
        CandidateKind kind,
        Cut cut,
        List<String> tensors,
        CodecCurve curve,
        String codec,
        double wireBytes,
        double replyBytes,
        double headMillis,
        double encodeMillis,
        double decodeMillis,
        double tailMillis,
        int batch,
        double agreement,
        int agreementInputs,
        double leakage,
        long headMemoryBytes,
        boolean measured) {
    /** Codec of a cut whose boundary was never encoded: its bytes are a guess. */
    public static final String PREDICTED = "predicted";

    public CandidateCost {
        tensors = List.copyOf(tensors);
    }

    /** Whether what crosses was encoded, so that the row may be chosen; others only say what was looked at. */
    public boolean isSurveyed() {
        return !codec.equals(PREDICTED);
    }

    /** Time on the device, and on the gateway. */
    public double computeMillis() {
        return headMillis + encodeMillis + decodeMillis + tailMillis;
    }

    /** From the input to the answer over a link. */
    public double totalMillis(LinkProfile link) {
        return kind == CandidateKind.LOCAL
                ? headMillis
                : computeMillis() + link.uplinkMillis(wireBytes) + link.downlinkMillis(replyBytes);
    }

    /** Time that the gateway spends on one request: its share of the batch. */
    public double gatewayMillis() {
        return decodeMillis + tailMillis / batch;
    }
}
