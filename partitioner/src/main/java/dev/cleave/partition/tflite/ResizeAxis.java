package dev.cleave.partition.tflite;

/**
 * One axis of a picture that is resized, in ONNX's terms; and where the elements of the result come from, there and in
 * TensorFlow Lite. Immutable.
 *
 * @param input size
 * @param output size
 * @param scale that ONNX reckons with, which rounding of sizes makes differ from their quotient
 * @param transformation {@code coordinate_transformation_mode}
 * @param rounding {@code nearest_mode}
 */
record ResizeAxis(int input, int output, float scale, String transformation, String rounding) {
    private static final double EXACT = 1e-4;

    /** Where an element of the result lies among the input's, not rounded; not a number for an unknown mode. */
    private double source(int place) {
        return switch (transformation) {
            case "asymmetric" -> place / (double) scale;
            case "half_pixel" -> (place + 0.5) / scale - 0.5;
            case "pytorch_half_pixel" -> output > 1 ? (place + 0.5) / scale - 0.5 : 0;
            case "align_corners" -> isExact() ? output > 1 ? place * (input - 1.0) / (output - 1.0) : 0 : Double.NaN;
            default -> Double.NaN;
        };
    }

    /**
     * Whether the output is scaled without rounding its size: where it is rounded, implementations of {@code align_corners}
     * differ in which size they align.
     */
    private boolean isExact() {
        return Math.abs(scale * input - output) < EXACT;
    }

    /** The element that ONNX takes; -1 for an unknown mode. */
    int nearest(int place) {
        double at = source(place);
        if (Double.isNaN(at)) {
            return -1;
        }
        double rounded = switch (rounding) {
            case "floor" -> Math.floor(at);
            case "ceil" -> Math.ceil(at);
            case "round_prefer_floor" -> Math.ceil(at - 0.5);
            case "round_prefer_ceil" -> Math.floor(at + 0.5);
            default -> Double.NaN;
        };
        return Double.isNaN(rounded) ? -1 : (int) Math.max(0, Math.min(input - 1.0, rounded));
    }

    /** The element that RESIZE_NEAREST_NEIGHBOR takes. */
    int nearestThere(int place, boolean alignsCorners, boolean halfPixels) {
        float step = stepThere(alignsCorners);
        float at = (place + (halfPixels ? 0.5f : 0)) * step;
        int rounded = alignsCorners ? (int) Math.floor(at + 0.5) : (int) Math.floor(at);
        return Math.max(0, Math.min(input - 1, rounded));
    }

    /** Where ONNX mixes two elements, inside the picture. */
    double linear(int place) {
        return Math.max(0, Math.min(input - 1.0, source(place)));
    }

    /** Where RESIZE_BILINEAR does. */
    double linearThere(int place, boolean alignsCorners, boolean halfPixels) {
        float step = stepThere(alignsCorners);
        double at = halfPixels ? (place + 0.5f) * step - 0.5f : place * step;
        return Math.max(0, Math.min(input - 1.0, at));
    }

    private float stepThere(boolean alignsCorners) {
        return alignsCorners && output > 1 ? (input - 1f) / (output - 1f) : input / (float) output;
    }
}
