package dev.cleave.partition.quantize;

import dev.cleave.onnx.NodeProto;
import dev.cleave.onnx.TensorProto;
import dev.cleave.partition.graph.Dataflow;
import dev.cleave.partition.graph.Graph;
import dev.cleave.partition.graph.GraphNode;
import dev.cleave.partition.graph.OnnxModel;
import dev.cleave.partition.graph.Value;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * Brings the channels of an activation to like sizes, as they share one scale: a channel is multiplied by a factor in the
 * weights that make it, and divided by it in those that read it (Nagel et al., Data-Free Quantization Through Weight
 * Equalization and Bias Correction, 2019, section 4.1; there to equalise weights, which have scales by channel here).
 * Relu lets factors through. So does a Clip, as far as a channel does not reach its limit on calibration inputs.
 *
 * <p>A depthwise convolution has weights of its own, with a scale of their own, for each channel, so there the channels
 * become all alike. Any other reader's weights share a scale across input channels; there the factors go half way, as in
 * Xiao et al., SmoothQuant, 2022, section 4.
 */
final class Equalization {
    private static final float LARGEST_FACTOR = 64;
    private static final double AT_LIMIT = 0.999;

    private final Dataflow flow;
    private final Graph graph;
    private final Function<String, float[]> sizes;
    private final Map<String, TensorProto> changed = new LinkedHashMap<>();
    private final Map<Integer, NodeProto> nodes = new LinkedHashMap<>();
    private final Map<String, float[]> factors = new LinkedHashMap<>();

    private Equalization(Dataflow flow, Function<String, float[]> sizes) {
        this.flow = flow;
        this.graph = flow.graph();
        this.sizes = sizes;
    }

    /**
     * The equalised model.
     *
     * @param factors by tensor: what each channel was multiplied with
     */
    record Equalized(OnnxModel model, Map<String, float[]> factors) {}

    /**
     * Equalises a model.
     *
     * @param sizes the largest magnitude of each channel of a tensor; empty where it is not known
     */
    static Equalized of(Dataflow flow, Iterable<Unit> units, Function<String, float[]> sizes) {
        Equalization equalization = new Equalization(flow, sizes);
        for (Unit unit : units) {
            GraphNode reader = reader(flow, unit);
            if (reader != null) {
                equalization.equalize(unit, reader);
            }
        }
        return new Equalized(equalization.write(), equalization.factors);
    }

    /** The one convolution that reads what a convolution makes; null if there is none. */
    private static GraphNode reader(Dataflow flow, Unit unit) {
        Graph graph = flow.graph();
        Value made = graph.value(unit.output());
        List<Integer> readers = made.consumers().stream().filter(flow::isLive).toList();
        if (!unit.node().is("Conv") || made.output() || readers.size() != 1) {
            return null;
        }
        GraphNode reader = graph.node(readers.get(0));
        boolean fits = reader.is("Conv")
                && reader.inputs().get(0).equals(made.name())
                && isStored(graph, reader)
                && isStored(graph, unit.node())
                && (isDepthwise(graph, reader) || Stored.integer(reader.proto(), "group", 1) == 1);
        return fits ? reader : null;
    }

    private static boolean isStored(Graph graph, GraphNode conv) {
        return conv.inputs().stream().skip(1).allMatch(name -> name.isEmpty() || isFloat(graph, name));
    }

    private static boolean isFloat(Graph graph, String name) {
        TensorProto tensor = graph.initializers().get(name);
        return tensor != null && tensor.getDataType() == TensorProto.DataType.FLOAT_VALUE;
    }

    private static boolean isDepthwise(Graph graph, GraphNode conv) {
        TensorProto weights = graph.initializers().get(conv.inputs().get(1));
        return weights.getDims(1) == 1 && Stored.integer(conv.proto(), "group", 1) == weights.getDims(0);
    }

    private void equalize(Unit unit, GraphNode reader) {
        float[] size = sizes.apply(unit.output());
        TensorProto made = weights(unit.node());
        if (size.length != made.getDims(0)) {
            return;
        }
        float[] factor = isDepthwise(graph, reader) ? alike(size) : halfWay(size, reader);
        if (exceeds(unit, size, factor)) {
            return;
        }
        scale(unit.node(), 1, factor, 0, false);
        if (unit.node().inputs().size() > 2 && !unit.node().inputs().get(2).isEmpty()) {
            scale(unit.node(), 2, factor, 0, false);
        }
        scale(reader, 1, factor, isDepthwise(graph, reader) ? 0 : 1, true);
        factors.put(unit.node().outputs().get(0), factor);
        factors.put(unit.output(), factor);
    }

    private static float[] alike(float[] size) {
        float largest = 0;
        for (float each : size) {
            largest = Math.max(largest, each);
        }
        float[] factor = new float[size.length];
        for (int c = 0; c < size.length; c++) {
            factor[c] = size[c] > 0 ? Math.min(LARGEST_FACTOR, largest / size[c]) : 1;
        }
        return factor;
    }

    /** {@code sqrt(weight / size)} for each channel, so that the largest channel stays as large as it is. */
    private float[] halfWay(float[] size, GraphNode reader) {
        float[] weight = relativeSizes(reader);
        float[] factor = new float[size.length];
        double before = 0;
        double after = 0;
        for (int c = 0; c < size.length; c++) {
            factor[c] = size[c] > 0 && weight[c] > 0 ? (float) Math.sqrt(weight[c] / size[c]) : 0;
            before = Math.max(before, size[c]);
            after = Math.max(after, size[c] * factor[c]);
        }
        for (int c = 0; c < size.length; c++) {
            double normal = after > 0 ? factor[c] * before / after : 1;
            factor[c] = normal > 0 ? (float) Math.max(1 / LARGEST_FACTOR, Math.min(LARGEST_FACTOR, normal)) : 1;
        }
        return factor;
    }

    /** The largest weight of each input channel, each over the largest of its output. */
    private float[] relativeSizes(GraphNode conv) {
        TensorProto tensor = weights(conv);
        float[] weights = floats(tensor);
        int outputs = (int) tensor.getDims(0);
        int inputs = (int) tensor.getDims(1);
        int row = weights.length / outputs;
        int inner = row / inputs;
        float[] relative = new float[inputs];
        for (int output = 0; output < outputs; output++) {
            float largest = Float.MIN_NORMAL;
            for (int i = output * row; i < (output + 1) * row; i++) {
                largest = Math.max(largest, Math.abs(weights[i]));
            }
            for (int i = 0; i < row; i++) {
                relative[i / inner] = Math.max(relative[i / inner], Math.abs(weights[output * row + i]) / largest);
            }
        }
        return relative;
    }

    /** Whether a channel that reaches the limit of its Clip would be limited elsewhere. */
    private boolean exceeds(Unit unit, float[] size, float[] factor) {
        float[] limits = unit.activation() == null ? null : UnitFinder.limits(graph, unit.activation());
        if (limits == null || Float.isInfinite(limits[1])) {
            return limits != null && limits[0] != 0;
        }
        for (int c = 0; c < size.length; c++) {
            if (limits[0] != 0 || size[c] >= AT_LIMIT * limits[1] && Math.abs(factor[c] - 1) > 1e-6) {
                return true;
            }
        }
        return false;
    }

    private TensorProto weights(GraphNode conv) {
        NodeProto node = nodes.getOrDefault(conv.index(), conv.proto());
        return stored(node.getInput(1));
    }

    private TensorProto stored(String name) {
        return changed.containsKey(name)
                ? changed.get(name)
                : graph.initializers().get(name);
    }

    private float[] floats(TensorProto tensor) {
        return Stored.floats(graph.model().data(tensor), tensor);
    }

    /** Multiplies or divides a stored input of a node along an axis; the result is the node's own. */
    private void scale(GraphNode conv, int input, float[] factor, int axis, boolean divide) {
        NodeProto node = nodes.getOrDefault(conv.index(), conv.proto());
        TensorProto tensor = stored(node.getInput(input));
        float[] values = floats(tensor);
        List<Long> dims = tensor.getDimsList();
        int inner = 1;
        for (long dim : dims.subList(axis + 1, dims.size())) {
            inner *= (int) dim;
        }
        for (int i = 0; i < values.length; i++) {
            float each = factor[i / inner % factor.length];
            values[i] = divide ? values[i] / each : values[i] * each;
        }
        String name = conv.outputs().get(0) + (input == 1 ? "/equalized" : "/equalized/bias");
        while (graph.value(name) != null) {
            name += "'";
        }
        changed.put(name, Stored.floats(name, dims, values));
        nodes.put(conv.index(), node.toBuilder().setInput(input, name).build());
    }

    private OnnxModel write() {
        Rewriting rewriting = new Rewriting(graph);
        changed.values().forEach(rewriting::store);
        nodes.forEach(rewriting::replace);
        return rewriting.done();
    }
}
