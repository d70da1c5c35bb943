package dev.cleave.cli.model;

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
 * @param agreement of the whole in integers with the float model, on inputs that were held out
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
        List<String> integerNodes,
        Map<String, String> floatNodes) {
    static EdgeDocument of(SplitResult result) {
        EdgeChoice edge = result.edge();
        QuantizeReport report = edge.model() == null ? null : edge.model().report();
        return new EdgeDocument(
                result.contract().edgePrecision(),
                edge.reason(),
                finite(edge.floatMillis()),
                finite(edge.integerMillis()),
                report == null ? null : report.weightsRatio(),
                report == null ? null : report.quality().agreement(),
                report == null ? null : report.integerNodes(),
                report == null ? null : report.floatNodes());
    }

    private static Double finite(double millis) {
        return Double.isNaN(millis) ? null : millis;
    }
}
