package dev.cleave.partition.tflite;

import dev.cleave.partition.tflite.flat.Constant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A factor and a shift for each channel: what a BatchNormalization does. Behind a convolution of constant weights it goes
 * into these (Jacob et al., Quantization and Training of Neural Networks for Efficient Integer-Arithmetic-Only Inference,
 * 2018, section 3.2). Immutable.
 */
record ChannelScaling(float[] factor, float[] shift) {
    private static final int PARAMETERS = 4;

    ChannelScaling {
        factor = factor.clone();
        shift = shift.clone();
    }

    /** Null where the node is not a BatchNormalization of constants in use. */
    static ChannelScaling of(SourceNode node, SourceGraph source) throws UnconvertibleException {
        boolean isInUse = node.operator().equals("BatchNormalization")
                && node.integer("training_mode", 0) == 0
                && node.integer("spatial", 1) == 1
                && node.outputs().stream().skip(1).noneMatch(source::isRead);
        if (!isInUse) {
            return null;
        }
        float[][] parameters = new float[PARAMETERS][];
        for (int i = 0; i < PARAMETERS; i++) {
            Constant constant = source.constant(node.input(i + 1));
            if (constant == null || constant.isInteger()) {
                return null;
            }
            parameters[i] = constant.floats();
        }
        int channels = parameters[0].length;
        float epsilon = node.number("epsilon", 1e-5f);
        float[] factor = new float[channels];
        float[] shift = new float[channels];
        for (int c = 0; c < channels; c++) {
            factor[c] = (float) (parameters[0][c] / Math.sqrt((double) parameters[3][c] + epsilon));
            shift[c] = parameters[1][c] - parameters[2][c] * factor[c];
        }
        return new ChannelScaling(factor, shift);
    }

    /** Steps in which convolutions have taken in the normalisations behind them. */
    static List<Step> fold(List<Step> steps, SourceGraph source) throws UnconvertibleException {
        Map<String, Integer> makers = new HashMap<>();
        List<Step> folded = new ArrayList<>();
        for (Step step : steps) {
            ChannelScaling scaling = of(step.node(), source);
            Integer maker = scaling == null ? null : makers.get(step.inputs().get(0));
            if (maker != null && canScale(folded.get(maker), source)) {
                folded.set(
                        maker, folded.get(maker).scaled(scaling, step.outputs().get(0)));
                makers.put(step.outputs().get(0), maker);
            } else {
                step.outputs().forEach(output -> makers.put(output, folded.size()));
                folded.add(step);
            }
        }
        return folded;
    }

    private static boolean canScale(Step step, SourceGraph source) throws UnconvertibleException {
        boolean isFloat = step.node().operator().equals("Conv")
                && !step.isInteger()
                && step.scaling() == null
                && source.isInner(step.outputs().get(0));
        if (!isFloat || source.constant(step.inputs().get(1)) == null) {
            return false;
        }
        boolean hasBias = step.inputs().size() > 2 && !step.inputs().get(2).isEmpty();
        return !hasBias || source.constant(step.inputs().get(2)) != null;
    }

    /** Weights whose first axis is the outputs'. */
    Constant weights(Constant weights) {
        float[] values = weights.floats();
        int inner = values.length / factor.length;
        for (int i = 0; i < values.length; i++) {
            values[i] *= factor[i / inner];
        }
        return Constant.ofFloats(weights.dims(), values);
    }

    /** @param bias one value for each output */
    Constant bias(Constant bias) {
        float[] values = bias.floats();
        for (int i = 0; i < values.length; i++) {
            values[i] = values[i] * factor[i] + shift[i];
        }
        return Constant.ofFloats(bias.dims(), values);
    }
}
