package dev.cleave.partition.quantize;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a quantisation did.
 *
 * @param untouched why the model was left as it is, in one line; else empty, and then the rest says something
 * @param method by which ranges were found
 * @param methods the quality that each method gave before any node was left in float
 * @param all the quality with no node left in float but those asked for, on the inputs that decided whether the budget holds
 * @param isEqualized whether channels were brought to like sizes, which is done where it is better
 * @param quality of the result, on inputs that neither ranges nor weights were made from; they chose the method, and decided what
 *     stays in float
 * @param calibrated inputs that ranges were found from
 * @param isHeldOut false where there were too few inputs to keep some apart, so that quality is that of the calibration
 * @param integerNodes labels of the float model's nodes that run on integers
 * @param integerProducts how many of them are convolutions or matrix products; without any, integers gain nothing
 * @param floatNodes labels of those that do not, with the reason
 * @param floatBytes of the stored tensors of the float model
 * @param integerBytes of those of the result
 */
public record QuantizeReport(
        String untouched,
        RangeMethod method,
        Map<RangeMethod, Quality> methods,
        Quality all,
        boolean isEqualized,
        Quality quality,
        int calibrated,
        boolean isHeldOut,
        List<String> integerNodes,
        int integerProducts,
        Map<String, String> floatNodes,
        long floatBytes,
        long integerBytes) {
    public QuantizeReport {
        methods = Collections.unmodifiableMap(new LinkedHashMap<>(methods));
        integerNodes = List.copyOf(integerNodes);
        floatNodes = Collections.unmodifiableMap(new LinkedHashMap<>(floatNodes));
    }

    static QuantizeReport untouched(String reason, long bytes) {
        return new QuantizeReport(
                reason,
                null,
                Map.of(),
                new Quality(0, 0, 0),
                false,
                new Quality(0, 0, 0),
                0,
                false,
                List.of(),
                0,
                Map.of(),
                bytes,
                bytes);
    }

    /** Bytes of the result's stored tensors over those of the float model. */
    public double weightsRatio() {
        return floatBytes == 0 ? 1 : integerBytes / (double) floatBytes;
    }
}
