package dev.cleave.cli.model;

import dev.cleave.answer.Proportion;
import dev.cleave.partition.edge.EdgeChoice;
import dev.cleave.partition.quantize.QuantizeReport;
import dev.cleave.partition.split.SplitResult;
import java.util.List;
import java.util.Map;

/**
 * What devices run, as scripts read it.
 *
 * @param precision of the graphs on devices
 * @param reason why they run the float model although integers were tried; else empty
 * @param floatMillis median of the whole in float, null if integers were not timed
 * @param integerMillis of the whole in integers, in the same rounds
 * @param weightsRatio stored bytes in integers over those in float; null where devices run floats, like all that follows
 * @param agreement of the whole in integers with the float model, on inputs that gave no ranges, and that chose how ranges are found and
 *     which nodes stay in float: it flatters
 * @param localAgreement the same on inputs that chose nothing, if there were enough to keep some apart; {@code localInputs} of them
 * @param localAgreementInterval of 95 %
 * @param integerNodes labels of nodes
 * @param floatNodes labels of nodes that stayed in float, and why
 */
record EdgeDocument(
        String precision,
        String reason,
        Double floatMillis,
        Double integerMillis,
        Double weightsRatio,
        Double agreement,
        Double localAgreement,
        Integer localInputs,
        double[] localAgreementInterval,
        List<String> integerNodes,
        Map<String, String> floatNodes) {
    static EdgeDocument of(SplitResult result) {
        EdgeChoice edge = result.edge();
        Proportion local = result.local();
        boolean isKnown = local.of() > 0;
        QuantizeReport report = edge.model() == null ? null : edge.model().report();
        return new EdgeDocument(
                result.contract().edgePrecision(),
                edge.reason(),
                finite(edge.floatMillis()),
                finite(edge.integerMillis()),
                report == null ? null : report.weightsRatio(),
                report == null ? null : report.quality().agreement(),
                isKnown ? local.share() : null,
                isKnown ? local.of() : null,
                isKnown ? new double[] {local.low(), local.high()} : null,
                report == null ? null : report.integerNodes(),
                report == null ? null : report.floatNodes());
    }

    private static Double finite(double millis) {
        return Double.isNaN(millis) ? null : millis;
    }
}
