package dev.cleave.partition.tflite;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleave.engine.Engine;
import dev.cleave.engine.Engines;
import dev.cleave.onnx.TensorProto;
import dev.cleave.partition.ModelBuilder;
import dev.cleave.tensor.ElementType;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * Operators between DequantizeLinear and QuantizeLinear, from bytes {@code x} to bytes {@code y}, against ONNX Runtime: at
 * most a level apart, with one row and with three.
 */
class IntegerOperatorsTest {
    private static final float X_SCALE = 0.02f;
    private static final int X_ZERO = 119;

    private static Engine engine;

    private final Map<String, ModelBuilder> models = new LinkedHashMap<>();

    @BeforeAll
    static void open() throws Exception {
        engine = Engines.create("onnxruntime");
    }

    @AfterAll
    static void close() {
        engine.close();
    }

    @TestFactory
    Stream<DynamicTest> areWithinALevelAndLeaveNoFloats() {
        addProducts();
        addOthers();
        return models.entrySet().stream()
                .map(model -> DynamicTest.dynamicTest(model.getKey(), () -> {
                    Conversion conversion = Conversion.of(engine, model.getValue());
                    check(conversion);
                    assertThat(conversion.operators()).doesNotContainKey("DEQUANTIZE");
                }));
    }

    private static void check(Conversion conversion) throws Exception {
        for (int rows : new int[] {1, 3}) {
            assertThat(conversion.error(rows, rows))
                    .as("%d rows of %s", rows, conversion.operators())
                    .isLessThanOrEqualTo(1);
        }
    }

    /** A model of bytes {@code x} that unpacks them as {@code f}. */
    private static ModelBuilder bytes(Object... dims) {
        ModelBuilder model = new ModelBuilder().input("x", ElementType.UINT8, dims);
        quantization(model, "x", X_SCALE, X_ZERO);
        return model.node("DequantizeLinear", "x x/scale x/zero", "f");
    }

    private ModelBuilder picture(String name) {
        ModelBuilder model = bytes("N", 6, 13, 11);
        models.put(name, model);
        return model;
    }

    private static void quantization(ModelBuilder model, String name, float scale, int zero) {
        model.scalar(name + "/scale", scale).bytes(name + "/zero", ElementType.UINT8, new long[0], (byte) zero);
    }

    /** Packs {@code from} as {@code y}. */
    private static void pack(ModelBuilder model, String from, float scale, int zero) {
        quantization(model, "y", scale, zero);
        model.node("QuantizeLinear", from + " y/scale y/zero", "y").output("y", ElementType.UINT8);
        model.edit(graph -> graph.setOutput(0, graph.getOutput(0).toBuilder().clearType()));
    }

    /**
     * Weights {@code w} and a bias {@code b} with a scale for each output along an axis. Seven bits, so that no processor's
     * kernel saturates in between.
     */
    private static ModelBuilder weights(ModelBuilder model, int outputs, int axis, long... dims) {
        SplittableRandom random = new SplittableRandom(outputs);
        long elements = 1;
        for (long dim : dims) {
            elements *= dim;
        }
        byte[] values = new byte[(int) elements];
        for (int i = 0; i < values.length; i++) {
            values[i] = (byte) (random.nextInt(127) - 63);
        }
        float[] scales = new float[outputs];
        float[] units = new float[outputs];
        TensorProto.Builder bias = TensorProto.newBuilder()
                .setName("b/int")
                .setDataType(TensorProto.DataType.INT32_VALUE)
                .addDims(outputs);
        for (int i = 0; i < outputs; i++) {
            scales[i] = 0.001f * (1 + i);
            units[i] = scales[i] * X_SCALE;
            bias.addInt32Data(random.nextInt(2000) - 1000);
        }
        return model.bytes("w/int", ElementType.INT8, dims, values)
                .floats("w/scale", scales)
                .bytes("w/zero", ElementType.INT8, new long[] {outputs}, new byte[outputs])
                .node("DequantizeLinear", "w/int w/scale w/zero", "w")
                .with("axis", (long) axis)
                .initializer(bias.build())
                .floats("b/scale", units)
                .node("DequantizeLinear", "b/int b/scale", "b")
                .with("axis", 0L);
    }

    private void addProducts() {
        ModelBuilder convolution = weights(picture("convolution"), 5, 0, 5, 6, 3, 3)
                .node("Conv", "f w b", "c")
                .with("pads", 1L, 1L, 1L, 1L)
                .with("strides", 2L, 2L);
        pack(convolution, "c", 0.05f, 131);
        ModelBuilder limited = weights(picture("convolution with a relu of its own"), 5, 0, 5, 6, 3, 3)
                .node("Conv", "f w b", "c")
                .node("Relu", "c", "r");
        pack(limited, "r", 0.05f, 77);
        ModelBuilder saturated = weights(picture("convolution whose relu is saturation"), 5, 0, 5, 6, 3, 3)
                .node("Conv", "f w b", "c")
                .node("Relu", "c", "r");
        pack(saturated, "r", 0.03f, 0);
        ModelBuilder depthwise = weights(picture("depthwise convolution"), 6, 0, 6, 1, 3, 3)
                .node("Conv", "f w b", "c")
                .with("group", 6L)
                .with("pads", 0L, 1L, 2L, 1L);
        pack(depthwise, "c", 0.02f, 120);
        ModelBuilder grouped = weights(picture("convolution in groups"), 8, 0, 8, 3, 3, 3)
                .node("Conv", "f w", "c")
                .with("group", 2L);
        pack(grouped, "c", 0.05f, 120);
        ModelBuilder gemm = weights(bytes("N", 9), 5, 1, 9, 5).node("Gemm", "f w b", "g");
        pack(gemm, "g", 0.03f, 128);
        models.put("gemm", gemm);
        ModelBuilder stored =
                weights(bytes("N", 9), 5, 0, 5, 9).node("Gemm", "f w b", "g").with("transB", 1L);
        pack(stored, "g", 0.03f, 128);
        models.put("gemm of stored columns", stored);
    }

    private void addOthers() {
        for (String op : new String[] {"Add", "Sub", "Mul"}) {
            ModelBuilder model = picture(op + " of a slice")
                    .longs("from", 1)
                    .longs("to", 2)
                    .longs("axes", 1)
                    .node("Slice", "x from to axes", "s")
                    .node("DequantizeLinear", "s x/scale x/zero", "sf")
                    .node(op, "f sf", "c");
            pack(model, "c", 0.045f, 130);
            ModelBuilder constant = picture(op + " of a constant")
                    .bytes("k/int", ElementType.UINT8, new long[] {6, 1, 1}, new byte[] {1, 50, 99, -1, -90, 0});
            quantization(constant, "k", 0.01f, 3);
            constant.node("DequantizeLinear", "k/int k/scale k/zero", "k").node(op, "f k", "c");
            pack(constant, "c", 0.045f, 130);
        }
        pack(picture("mean of the picture").node("GlobalAveragePool", "f", "m"), "m", 0.004f, 140);
        pack(
                picture("mean of the picture as a window")
                        .node("AveragePool", "f", "m")
                        .with("kernel_shape", 13L, 11L),
                "m",
                0.004f,
                140);
        pack(
                picture("mean of windows").node("AveragePool", "f", "m").with("kernel_shape", 2L, 3L),
                "m",
                X_SCALE,
                X_ZERO);
        pack(picture("sigmoid").node("Sigmoid", "f", "m"), "m", 1 / 255f, 0);
        pack(picture("leaky relu").node("LeakyRelu", "f", "m").with("alpha", 0.1f), "m", 0.013f, 20);
        ModelBuilder whole = picture("concatenation of two scales");
        quantization(whole, "p", 0.035f, 90);
        whole.node("MaxPool", "x", "p")
                .with("kernel_shape", 3L, 3L)
                .with("pads", 1L, 1L, 1L, 1L)
                .node("DequantizeLinear", "p x/scale x/zero", "pf")
                .node("Concat", "f pf", "c")
                .with("axis", 1L);
        pack(whole, "c", 0.021f, 110);
        ModelBuilder moved = picture("bytes that only move")
                .longs("pads", 0, 0, 1, 0, 0, 0, 0, 2)
                .longs("shape", 0, -1)
                .bytes("low", ElementType.UINT8, new long[0], (byte) 100)
                .bytes("high", ElementType.UINT8, new long[0], (byte) 200)
                .node("Pad", "x pads x/zero", "p")
                .node("MaxPool", "p", "m")
                .with("kernel_shape", 2L, 2L)
                .with("strides", 2L, 2L)
                .node("Clip", "m low high", "l")
                .node("Reshape", "l shape", "y");
        moved.output("y");
    }

    @Test
    void whatNoIntegerKernelDoesStaysInFloat() throws Exception {
        ModelBuilder model = bytes("N", 6, 13, 11).node("Tanh", "f", "t");
        pack(model, "t", 0.01f, 128);
        Conversion conversion = Conversion.of(engine, model);
        check(conversion);
        assertThat(conversion.operators()).containsEntry("DEQUANTIZE", 1).containsEntry("TANH", 1);
    }

    @Test
    void aLastProductGivesFloats() throws Exception {
        ModelBuilder model =
                weights(bytes("N", 9), 5, 1, 9, 5).node("Gemm", "f w b", "y").output("y");
        assertThat(Conversion.of(engine, model).error(3, 1)).isLessThan(1e-4);
    }

    @Test
    void floatsBecomeIntegersAtTheFirstOperator() throws Exception {
        ModelBuilder model = new ModelBuilder().input("in", "N", 6, 13, 11);
        quantization(model, "x", X_SCALE, X_ZERO);
        model.node("QuantizeLinear", "in x/scale x/zero", "x").node("DequantizeLinear", "x x/scale x/zero", "f");
        weights(model, 5, 0, 5, 6, 3, 3).node("Conv", "f w b", "c");
        pack(model, "c", 0.05f, 131);
        check(Conversion.of(engine, model));
    }
}
