package dev.cleave.partition.quantize;

import dev.cleave.onnx.NodeProto;
import dev.cleave.onnx.TensorProto;
import java.util.Arrays;
import java.util.List;

/**
 * What a node does to each channel: {@code y = scale * x + shift}. A BatchNormalization in use is that, and so is
 * arithmetic with a constant that differs by channel only.
 *
 * @param scale for each channel
 * @param shift for each channel
 */
record ChannelAffine(float[] scale, float[] shift) {
    private static final float DEFAULT_EPSILON = 1e-5f;

    /**
     * Reads a node.
     *
     * @param data name of the tensor it works on
     * @param rank of that tensor; channels are on axis 1
     * @param channels how many
     * @return null if the node is something else
     */
    static ChannelAffine of(NodeProto node, String data, int rank, int channels, Rewriting graph) {
        if (!node.getDomain().isEmpty() && !node.getDomain().equals("ai.onnx")) {
            return null;
        }
        if (node.getOpType().equals("BatchNormalization")) {
            return normalization(node, data, channels, graph);
        }
        if (node.getInputCount() != 2) {
            return null;
        }
        boolean first = node.getInput(0).equals(data);
        float[] other = perChannel(node.getInput(first ? 1 : 0), rank, channels, graph);
        if (other == null) {
            return null;
        }
        return switch (node.getOpType()) {
            case "Add" -> new ChannelAffine(filled(channels, 1), other);
            case "Mul" -> new ChannelAffine(other, filled(channels, 0));
            case "Sub" ->
                first
                        ? new ChannelAffine(filled(channels, 1), map(other, -1))
                        : new ChannelAffine(filled(channels, -1), other);
            case "Div" -> first ? new ChannelAffine(inverse(other), filled(channels, 0)) : null;
            default -> null;
        };
    }

    private static ChannelAffine normalization(NodeProto node, String data, int channels, Rewriting graph) {
        boolean plain = node.getInputCount() == 5
                && node.getInput(0).equals(data)
                && node.getOutputList().stream().skip(1).allMatch(String::isEmpty)
                && Stored.integer(node, "training_mode", 0) == 0
                && Stored.integer(node, "spatial", 1) == 1;
        if (!plain) {
            return null;
        }
        float[] gamma = graph.floats(node.getInput(1));
        float[] beta = graph.floats(node.getInput(2));
        float[] mean = graph.floats(node.getInput(3));
        float[] variance = graph.floats(node.getInput(4));
        for (float[] values : Arrays.asList(gamma, beta, mean, variance)) {
            if (values == null || values.length != channels) {
                return null;
            }
        }
        double epsilon = Stored.number(node, "epsilon", DEFAULT_EPSILON);
        float[] scale = new float[channels];
        float[] shift = new float[channels];
        for (int c = 0; c < channels; c++) {
            double factor = gamma[c] / Math.sqrt(variance[c] + epsilon);
            scale[c] = (float) factor;
            shift[c] = (float) (beta[c] - mean[c] * factor);
        }
        return new ChannelAffine(scale, shift);
    }

    /** A stored float tensor that is broadcast along every axis but the channels'; one value for each channel. */
    static float[] perChannel(String name, int rank, int channels, Rewriting graph) {
        float[] values = graph.floats(name);
        if (values == null) {
            return null;
        }
        if (values.length == 1) {
            return graph.stored(name).getDimsCount() <= rank ? filled(channels, values[0]) : null;
        }
        TensorProto tensor = graph.stored(name);
        List<Long> dims = tensor.getDimsList();
        int channelAxis = dims.size() - rank + 1;
        return dims.size() <= rank && channelAxis >= 0 && dims.get(channelAxis) == channels && values.length == channels
                ? values
                : null;
    }

    private static float[] filled(int channels, float value) {
        float[] values = new float[channels];
        Arrays.fill(values, value);
        return values;
    }

    private static float[] map(float[] values, float factor) {
        float[] mapped = values.clone();
        for (int i = 0; i < mapped.length; i++) {
            mapped[i] *= factor;
        }
        return mapped;
    }

    private static float[] inverse(float[] values) {
        float[] mapped = values.clone();
        for (int i = 0; i < mapped.length; i++) {
            mapped[i] = 1 / mapped[i];
        }
        return mapped;
    }
}
