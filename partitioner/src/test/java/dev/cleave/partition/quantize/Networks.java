package dev.cleave.partition.quantize;

import dev.cleave.engine.Engine;
import dev.cleave.engine.EngineException;
import dev.cleave.engine.Session;
import dev.cleave.engine.SessionOptions;
import dev.cleave.partition.ModelBuilder;
import dev.cleave.partition.Splits;
import dev.cleave.partition.graph.OnnxModel;
import dev.cleave.partition.sample.Samples;
import dev.cleave.partition.shape.ProbeSettings;
import dev.cleave.partition.shape.ProbedModel;
import dev.cleave.partition.shape.ShapeProbe;
import dev.cleave.partition.verify.ModelSource;
import dev.cleave.tensor.Shape;
import dev.cleave.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** Small float networks to quantise, and how to look at what came out. */
public final class Networks {
    public static final int CHANNELS = 8;
    public static final int SIDE = 12;

    private Networks() {}

    /** Pictures of one input {@code x}, normal with deviation 1. */
    public static Samples pictures(int count) {
        return Splits.samples(count, random -> {
            float[] values = new float[3 * SIDE * SIDE];
            for (int i = 0; i < values.length; i++) {
                values[i] = (float) random.nextGaussian();
            }
            return Tensor.ofFloats(Shape.of(1, 3, SIDE, SIDE), values);
        });
    }

    /**
     * A residual network with what CNNs are made of: normalised convolutions, Relu and Clip, pooling, a sum, a
     * concatenation, a depthwise convolution, an average, a matrix product.
     */
    public static ModelBuilder residual() {
        ModelBuilder model = new ModelBuilder()
                .input("x", "N", 3, SIDE, SIDE)
                .scalar("zero", 0)
                .scalar("six", 6);
        convolve(model, "x", "c1", 3, CHANNELS, 1);
        normalize(model, "c1", "n1");
        model.node("Relu", "n1", "r1")
                .node("MaxPool", "r1", "p1")
                .with("kernel_shape", 2L, 2L)
                .with("strides", 2L, 2L);
        convolve(model, "p1", "c2", CHANNELS, CHANNELS, CHANNELS);
        normalize(model, "c2", "n2");
        model.node("Clip", "n2 zero six", "r2");
        convolve(model, "r2", "c3", CHANNELS, CHANNELS, 1);
        model.node("Add", "c3 p1", "s1").node("Relu", "s1", "r3");
        convolve(model, "r3", "c4", CHANNELS, CHANNELS, 1);
        convolve(model, "r3", "c5", CHANNELS, CHANNELS, 1);
        model.node("Relu", "c5", "r5")
                .node("Concat", "c4 r5", "j")
                .with("axis", 1L)
                .node("GlobalAveragePool", "j", "g")
                .node("Flatten", "g", "f")
                .weights("w6", 2 * CHANNELS, 5)
                .weights("b6", 5)
                .node("Gemm", "f w6 b6", "y");
        return model.output("y");
    }

    /**
     * Two convolutions with what {@link #residual} has not: a sigmoid and a leaky Relu of the same tensor, halves of which are
     * padded and cut, or averaged and enlarged again; a Clip of what something else reads as well.
     */
    public static ModelBuilder branching() {
        ModelBuilder model = new ModelBuilder()
                .input("x", "N", 3, SIDE, SIDE)
                .scalar("zero", 0)
                .scalar("two", 2)
                .longs("pads", 0, 0, 1, 1, 0, 0, 1, 1)
                .longs("from", 1, 1)
                .longs("to", SIDE + 1, SIDE + 1)
                .longs("axes", 2, 3)
                .floats("scales", 1, 1, 2, 2);
        convolve(model, "x", "c1", 3, CHANNELS, 1);
        model.node("Sigmoid", "c1", "s1")
                .node("LeakyRelu", "c1", "l1")
                .with("alpha", 0.1f)
                .node("Split", "l1", "left right")
                .with("axis", 1L)
                .node("Pad", "left pads", "wide")
                .node("Slice", "wide from to axes", "cut")
                .node("AveragePool", "right", "mean")
                .with("kernel_shape", 2L, 2L)
                .with("strides", 2L, 2L)
                .node("Resize", "mean _ scales", "near")
                .with("mode", "nearest")
                .with("coordinate_transformation_mode", "asymmetric")
                .with("nearest_mode", "floor");
        convolve(model, "cut", "c2", CHANNELS / 2, CHANNELS, 1);
        model.node("Clip", "c2 zero two", "r2")
                .node("Concat", "s1 near c2 r2", "j")
                .with("axis", 1L)
                .node("GlobalAveragePool", "j", "g")
                .node("Flatten", "g", "f")
                .weights("w3", 3 * CHANNELS + CHANNELS / 2, 5)
                .weights("b3", 5)
                .node("Gemm", "f w3 b3", "y");
        return model.output("y");
    }

    /** Three convolutions, the middle one depthwise; the first makes each channel half as large as the one before. */
    public static ModelBuilder uneven() {
        float[] weights = new float[CHANNELS * 3];
        float[] readers = new float[CHANNELS];
        for (int c = 0; c < CHANNELS; c++) {
            Arrays.fill(weights, 3 * c, 3 * c + 3, (float) Math.scalb(c % 2 == 0 ? 0.5 : -0.5, -c));
            readers[c] = (float) Math.scalb(1 + 0.06 * c, c);
        }
        return new ModelBuilder()
                .input("x", "N", 3, SIDE, SIDE)
                .initializer(Stored.floats("w1", List.of((long) CHANNELS, 3L, 1L, 1L), weights))
                .initializer(Stored.floats("w2", List.of((long) CHANNELS, 1L, 1L, 1L), readers))
                .weights("w3", CHANNELS, CHANNELS, 1, 1)
                .node("Conv", "x w1", "c1")
                .node("Relu", "c1", "r1")
                .node("Conv", "r1 w2", "c2")
                .with("group", (long) CHANNELS)
                .node("Relu", "c2", "r2")
                .node("Conv", "r2 w3", "y")
                .output("y");
    }

    public static void convolve(ModelBuilder model, String from, String name, int inputs, int outputs, int groups) {
        model.weights("w" + name, outputs, inputs / groups, 3, 3)
                .weights("b" + name, outputs)
                .node("Conv", from + " w" + name + " b" + name, name)
                .with("pads", 1L, 1L, 1L, 1L)
                .with("group", (long) groups);
    }

    static void normalize(ModelBuilder model, String from, String name) {
        float[] variances = new float[CHANNELS];
        for (int c = 0; c < CHANNELS; c++) {
            variances[c] = 0.5f + c;
        }
        model.weights("gamma" + name, CHANNELS)
                .weights("beta" + name, CHANNELS)
                .weights("mean" + name, CHANNELS)
                .floats("variance" + name, variances)
                .node(
                        "BatchNormalization",
                        from + " gamma" + name + " beta" + name + " mean" + name + " variance" + name,
                        name);
    }

    public static ProbedModel probe(ModelBuilder model, Path folder, Engine engine) throws IOException {
        return new ShapeProbe(engine, ProbeSettings.defaults()).probe(model.read(folder));
    }

    static Map<String, Tensor> run(OnnxModel model, Engine engine, SessionOptions options, Map<String, Tensor> inputs)
            throws IOException, EngineException {
        try (Session session = engine.load(ModelSource.of(model), options)) {
            return session.run(inputs);
        }
    }

    static long count(OnnxModel model, String operator) {
        return model.proto().getGraph().getNodeList().stream()
                .filter(node -> node.getOpType().equals(operator))
                .count();
    }
}
