package dev.cleave.partition.extract;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleave.bundle.Bundle;
import dev.cleave.engine.SessionOptions;
import dev.cleave.partition.ModelBuilder;
import dev.cleave.partition.SplitFixture;
import dev.cleave.partition.Splits;
import dev.cleave.partition.graph.OnnxModel;
import dev.cleave.partition.progress.Progress;
import dev.cleave.partition.sample.Samples;
import dev.cleave.partition.verify.ReferenceModel;
import dev.cleave.partition.verify.Verifier;
import dev.cleave.partition.verify.VerifyReport;
import dev.cleave.tensor.ElementType;
import dev.cleave.tensor.Shape;
import dev.cleave.tensor.Tensor;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/**
 * Residual networks of 8-bit convolutions, cut at every quantised tensor, against the file itself. The engine fuses
 * quantisation and operators in groups; a cut that changes a group changes roundings, and these show.
 */
class QuantizedCutsTest extends SplitFixture {
    private static final int CHANNELS = 16;
    private static final Samples SAMPLES = Splits.samples(6, random -> {
        float[] values = new float[CHANNELS * 8 * 8];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return Tensor.ofFloats(Shape.of(1, CHANNELS, 8, 8), values);
    });

    @Test
    void cutsOfSignedActivationsChangeNothing() throws Exception {
        assertExact(network(ElementType.INT8));
    }

    @Test
    void cutsOfUnsignedActivationsChangeNothing() throws Exception {
        assertExact(network(ElementType.UINT8));
    }

    @Test
    void aSignedTensorCrossesAsItIsInTheModel() throws Exception {
        Bundle bundle = splits.bundle(network(ElementType.INT8), "q1");
        assertThat(bundle.contract().points().get(1).specs()).singleElement().satisfies(spec -> {
            assertThat(spec.name()).isEqualTo("q1");
            assertThat(spec.type()).isEqualTo(ElementType.INT8);
        });
    }

    private void assertExact(ModelBuilder model) throws Exception {
        Bundle bundle = splits.bundle(model, "q0", "q1", "q2", "q3+q2", "sum", "q4");
        try (ReferenceModel reference = ReferenceModel.load(
                OnnxModel.read(folder.resolve("model.onnx")),
                bundle.contract(),
                splits.engine(),
                SessionOptions.defaults())) {
            VerifyReport report = new Verifier(bundle, splits.engine(), SessionOptions.defaults(), null, Progress.NONE)
                    .verify(SAMPLES, reference, reference.digest(), name -> null, false);
            assertThat(report.exact())
                    .hasSize(7)
                    .allSatisfy(point -> assertThat(point.maxAbsError()).isZero());
        }
    }

    /** q0, convolution, q1 (read once), convolution, q2 (read twice), convolution, q3, sum of q2 and q3, q4. */
    private static ModelBuilder network(ElementType type) {
        ModelBuilder model = new ModelBuilder()
                .input("x", "N", CHANNELS, 8, 8)
                .scalar("s", 0.04f)
                .bytes("z", type, new long[0], (byte) (type == ElementType.INT8 ? -7 : 121))
                .scalar("ws", 0.004f)
                .bytes("wz", ElementType.INT8, new long[0], (byte) 0)
                .scalar("low", -4)
                .scalar("high", 4);
        quantize(model, "x", "0");
        convolve(model, "d0", "1");
        convolve(model, "d1", "2");
        convolve(model, "d2", "3");
        model.node("Add", "d3 d2", "added");
        quantize(model, "added", "sum");
        model.node("GlobalAveragePool", "dsum", "pooled");
        quantize(model, "pooled", "4");
        return model.node("Flatten", "d4", "flat")
                .node("Softmax", "flat", "y")
                .output("y", ElementType.FLOAT32, "N", CHANNELS);
    }

    private static void convolve(ModelBuilder model, String from, String name) {
        byte[] weights = new byte[CHANNELS * CHANNELS * 9];
        new SplittableRandom(name.hashCode()).nextBytes(weights);
        model.bytes("w" + name, ElementType.INT8, new long[] {CHANNELS, CHANNELS, 3, 3}, weights)
                .floats("b" + name, new float[CHANNELS])
                .node("DequantizeLinear", "w" + name + " ws wz", "dw" + name)
                .node("Conv", from + " dw" + name + " b" + name, "c" + name)
                .with("pads", 1L, 1L, 1L, 1L)
                .node("Clip", "c" + name + " low high", "r" + name);
        quantize(model, "r" + name, name);
    }

    private static void quantize(ModelBuilder model, String from, String name) {
        String quantized = name.equals("sum") ? "sum" : "q" + name;
        model.node("QuantizeLinear", from + " s z", quantized).node("DequantizeLinear", quantized + " s z", "d" + name);
    }
}
