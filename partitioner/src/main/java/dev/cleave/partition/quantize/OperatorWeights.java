package dev.cleave.partition.quantize;

import dev.cleave.onnx.TensorProto;
import dev.cleave.partition.graph.Graph;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * What units have stored, as integers: weights by output channel, biases in the scale of the products, operands. Serves
 * all variants of one model; one thread.
 */
final class OperatorWeights {
    /** So that no bias is larger than a quarter of what its integers hold. */
    private static final double LARGEST_BIAS = 1 << 29;

    private final Graph graph;
    private final Function<String, float[]> means;
    /** Does not depend on ranges, so that variants of a model share it. */
    private final Map<String, IntegerWeights> rounded = new HashMap<>();

    /** @param means of the channels of a tensor */
    OperatorWeights(Graph graph, Function<String, float[]> means) {
        this.graph = graph;
        this.means = means;
    }

    /**
     * A stored tensor as integers.
     *
     * @param axis along which scales differ, or -1 for a single one
     */
    record Quantized(TensorProto values, TensorProto scales, TensorProto zeroPoints, int axis) {}

    /**
     * Weights and bias of a product. The bias makes up for what rounding the weights changes in the mean of each output
     * (Nagel et al., Data-Free Quantization Through Weight Equalization and Bias Correction, 2019, section 4.2).
     */
    List<Quantized> of(Unit unit, float inputScale) {
        TensorProto stored = graph.initializers().get(unit.node().inputs().get(1));
        int axis = axis(unit);
        int channels = Math.toIntExact(stored.getDims(axis));
        boolean hasBias =
                unit.node().inputs().size() > 2 && !unit.node().inputs().get(2).isEmpty();
        float[] bias = hasBias ? floats(unit.node().inputs().get(2)) : new float[channels];
        float[] least = new float[channels];
        for (int c = 0; c < channels; c++) {
            least[c] = (float) (Math.abs(bias[c]) / (LARGEST_BIAS * inputScale));
        }
        String name = stored.getName() + "/int8/" + axis;
        IntegerWeights weights = rounded.computeIfAbsent(
                name,
                key -> IntegerWeights.of(floats(stored.getName()), stored.getDimsList(), axis, new float[channels]));
        if (!weights.hasScalesOf(least)) {
            name = unit.output() + "/int8";
            weights = IntegerWeights.of(floats(stored.getName()), stored.getDimsList(), axis, least);
        }
        List<Quantized> quantized = new ArrayList<>();
        quantized.add(weights(name, weights, stored.getDimsList(), axis));
        boolean takesBias = !unit.node().is("MatMul");
        if (takesBias && shift(unit, weights, stored, axis, bias) || hasBias) {
            quantized.add(bias(unit.output(), bias, inputScale, weights.scales()));
        }
        return quantized;
    }

    private Quantized weights(String name, IntegerWeights weights, List<Long> dims, int axis) {
        long channels = dims.get(axis);
        return new Quantized(
                Stored.bytes(free(name), TensorProto.DataType.INT8_VALUE, dims, weights.values()),
                Stored.floats(free(name + "/scale"), List.of(channels), weights.scales()),
                zeros(TensorProto.DataType.INT8_VALUE, (int) channels),
                axis);
    }

    /** Takes from a bias what rounding the weights adds to each output; false if that is nothing. */
    private boolean shift(Unit unit, IntegerWeights weights, TensorProto stored, int axis, float[] bias) {
        double[] shifts = weights.meanErrors(
                floats(stored.getName()),
                stored.getDimsList(),
                axis,
                means.apply(unit.node().inputs().get(0)));
        boolean isShifted = false;
        for (int c = 0; c < bias.length; c++) {
            bias[c] -= (float) shifts[c];
            isShifted |= shifts[c] != 0;
        }
        return isShifted;
    }

    /** Biases are added to sums of products, so they have the products' scale and 32 bits. */
    private Quantized bias(String output, float[] bias, float inputScale, float[] weightScales) {
        int[] integers = new int[bias.length];
        float[] scales = new float[bias.length];
        for (int c = 0; c < bias.length; c++) {
            scales[c] = inputScale * weightScales[c];
            integers[c] = scales[c] > 0 ? (int) Math.rint(bias[c] / (double) scales[c]) : 0;
        }
        List<Long> dims = List.of((long) bias.length);
        return new Quantized(
                Stored.ints(free(output + "/int32"), dims, integers),
                Stored.floats(free(output + "/int32/scale"), dims, scales),
                zeros(TensorProto.DataType.INT32_VALUE, bias.length),
                0);
    }

    /** A stored operand as unsigned integers with one scale. */
    Quantized operand(String name) {
        float[] values = floats(name);
        float low = 0;
        float high = 0;
        for (float value : values) {
            low = Math.min(low, value);
            high = Math.max(high, value);
        }
        QuantizedTensor tensor = new Range(low, high).quantized(name, name);
        byte[] integers = new byte[values.length];
        for (int i = 0; i < values.length; i++) {
            double integer = Math.rint(values[i] / (double) tensor.scale()) + tensor.zeroPoint();
            integers[i] = (byte) (int) Math.max(0, Math.min(Range.STEPS, integer));
        }
        List<Long> dims = graph.initializers().get(name).getDimsList();
        int type = TensorProto.DataType.UINT8_VALUE;
        return new Quantized(
                Stored.bytes(free(name + "/uint8"), type, dims, integers),
                Stored.floats(free(name + "/uint8/scale"), List.of(), new float[] {tensor.scale()}),
                Stored.bytes(free(name + "/uint8/zero"), type, List.of(), new byte[] {(byte) tensor.zeroPoint()}),
                -1);
    }

    /** Shared by all weights of so many channels. */
    private TensorProto zeros(int type, int channels) {
        List<Long> dims = List.of((long) channels);
        return type == TensorProto.DataType.INT8_VALUE
                ? Stored.bytes(free("zeros/int8/" + channels), type, dims, new byte[channels])
                : Stored.ints(free("zeros/int32/" + channels), dims, new int[channels]);
    }

    private static int axis(Unit unit) {
        if (unit.node().is("Conv")) {
            return 0;
        }
        boolean isTransposed =
                unit.node().is("Gemm") && Stored.integer(unit.node().proto(), "transB", 0) != 0;
        return isTransposed ? 0 : 1;
    }

    /** The name, or one like it that the float model does not use. */
    String free(String wanted) {
        String name = wanted;
        while (graph.value(name) != null) {
            name += "'";
        }
        return name;
    }

    private float[] floats(String name) {
        TensorProto tensor = graph.initializers().get(name);
        return Stored.floats(graph.model().data(tensor), tensor);
    }
}
