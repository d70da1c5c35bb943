package dev.cleave.partition.tflite;

import dev.cleave.partition.tflite.flat.Constant;
import org.tensorflow.lite.schema.ActivationFunctionType;

/** Between which values a Relu or Clip keeps its input. Immutable. */
record Limits(double lowest, double highest) {
    private static final double SIX = 6;

    /** Null where they are not known beforehand. */
    static Limits of(SourceNode node, SourceGraph source) throws UnconvertibleException {
        if (node.operator().equals("Relu")) {
            return new Limits(0, Double.POSITIVE_INFINITY);
        }
        Double lowest = limit(node, 1, "min", Double.NEGATIVE_INFINITY, source);
        Double highest = limit(node, 2, "max", Double.POSITIVE_INFINITY, source);
        return lowest == null || highest == null ? null : new Limits(lowest, highest);
    }

    private static Double limit(SourceNode node, int input, String attribute, double otherwise, SourceGraph source)
            throws UnconvertibleException {
        if (node.input(input).isEmpty()) {
            return node.has(attribute) ? Double.valueOf(node.number(attribute, 0)) : Double.valueOf(otherwise);
        }
        Constant value = source.constant(node.input(input));
        if (value == null || value.elements() != 1) {
            return null;
        }
        return value.isInteger() ? Double.valueOf(value.ints()[0]) : Double.valueOf(value.floats()[0]);
    }

    /** The activation of TensorFlow Lite with these limits; -1 if there is none. */
    int function() {
        if (lowest == 0 && highest >= Float.MAX_VALUE) {
            return ActivationFunctionType.RELU;
        }
        if (lowest == 0 && highest == SIX) {
            return ActivationFunctionType.RELU6;
        }
        return lowest == -1 && highest == 1 ? ActivationFunctionType.RELU_N1_TO_1 : -1;
    }
}
