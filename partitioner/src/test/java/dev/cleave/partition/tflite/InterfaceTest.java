package dev.cleave.partition.tflite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cleave.engine.Engine;
import dev.cleave.engine.Engines;
import dev.cleave.engine.GraphSource;
import dev.cleave.partition.ModelBuilder;
import dev.cleave.tensor.ElementType;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.tensorflow.lite.schema.Model;
import org.tensorflow.lite.schema.Tensor;
import org.tensorflow.lite.schema.TensorType;

/** What a converted graph shows to the outside, and how its file is laid out. */
class InterfaceTest {
    private static final int ALIGNMENT = 16;

    private static Engine engine;

    @BeforeAll
    static void open() throws Exception {
        engine = Engines.create("onnxruntime");
    }

    @AfterAll
    static void close() {
        engine.close();
    }

    /** Four convolutions with a branch, a pool and a classifier. */
    private static ModelBuilder network() {
        return new ModelBuilder()
                .input("x", "N", 3, 17, 15)
                .weights("w1", 8, 3, 3, 3)
                .weights("w2", 8, 1, 3, 3)
                .weights("w3", 8, 8, 1, 1)
                .weights("w4", 4, 16, 1, 1)
                .weights("w5", 4, 5)
                .node("Conv", "x w1", "c1")
                .with("strides", 2L, 2L)
                .with("pads", 1L, 1L, 1L, 1L)
                .node("Relu", "c1", "r1")
                .node("Conv", "r1 w2", "c2")
                .with("group", 8L)
                .with("pads", 1L, 1L, 1L, 1L)
                .node("Conv", "c2 w3", "c3")
                .node("Add", "c3 r1", "a")
                .node("Concat", "a c2", "j")
                .with("axis", 1L)
                .node("Conv", "j w4", "c4")
                .node("GlobalAveragePool", "c4", "p")
                .node("Flatten", "p", "f")
                .node("Gemm", "f w5", "y");
    }

    @Test
    void nothingIsTransposedBetweenConvolutions() throws Exception {
        Conversion conversion = Conversion.of(engine, network().output("y"));
        assertThat(conversion.count("TRANSPOSE")).as("at the input alone").isEqualTo(1);
        assertThat(conversion.operators()).doesNotContainKey("RELU");
        assertThat(conversion.error(3, 1)).isLessThan(1e-4);
    }

    @Test
    void anInnerTensorThatIsAnOutputIsTransposedOnceAndStaysInsideAsItIs() throws Exception {
        Conversion conversion = Conversion.of(engine, network().output("r1", "y"));
        assertThat(conversion.count("TRANSPOSE")).isEqualTo(2);
        assertThat(conversion.error(3, 1)).isLessThan(1e-4);
    }

    @Test
    void namesTypesShapesAndOrderAreTheOnnxGraphs() throws Exception {
        ModelBuilder model = new ModelBuilder()
                .input("second", ElementType.UINT8, "N", 4, 3, 5)
                .input("first", "N", 7)
                .node("Relu", "first", "z")
                .node("MaxPool", "second", "m")
                .with("kernel_shape", 2L, 2L)
                .output("z", "m");
        Conversion conversion = Conversion.of(engine, model);
        Model flat = Model.getRootAsModel(ByteBuffer.wrap(conversion.flatbuffer()));
        assertThat(described(flat, true)).containsExactly("second UINT8 [-1, 4, 3, 5]", "first FLOAT32 [-1, 7]");
        assertThat(described(flat, false)).containsExactly("z FLOAT32 [-1, 7]", "m UINT8 [-1, 4, 2, 4]");
        assertThat(conversion.error(3, 1)).isZero();
    }

    @Test
    void outputsThatAreInputsConstantsOrTellSizesAreThere() throws Exception {
        ModelBuilder model = new ModelBuilder()
                .input("x", "N", 6, 5, 5)
                .weights("w", 4, 6, 3, 3)
                .scalarLong("one", 1)
                .node("Conv", "x w", "c")
                .node("Shape", "c", "sizes")
                .node("Shape", "x", "s")
                .node("Gather", "s one", "channels")
                .node("Identity", "x", "same")
                .output("c", "sizes", "channels", "same", "w");
        assertThat(Conversion.of(engine, model).error(3, 1)).isLessThan(1e-4);
    }

    @Test
    void twoScalesSaidOfTheSameBytesAreNotMixedUp() throws Exception {
        ModelBuilder model = new ModelBuilder()
                .input("x", ElementType.UINT8, "N", 4)
                .scalar("s", 0.1f)
                .scalar("t", 0.3f)
                .bytes("z", ElementType.UINT8, new long[0], (byte) 100)
                .node("DequantizeLinear", "x s z", "a")
                .node("DequantizeLinear", "x t z", "b")
                .node("Add", "a b", "y")
                .output("y");
        assertThatThrownBy(() -> Conversion.of(engine, model))
                .isInstanceOf(UnconvertibleException.class)
                .hasMessageContaining("several scales or zero points for \"x\"");
    }

    private static List<String> described(Model model, boolean inputs) {
        List<String> described = new ArrayList<>();
        int count =
                inputs ? model.subgraphs(0).inputsLength() : model.subgraphs(0).outputsLength();
        for (int i = 0; i < count; i++) {
            Tensor tensor = model.subgraphs(0)
                    .tensors(
                            inputs
                                    ? model.subgraphs(0).inputs(i)
                                    : model.subgraphs(0).outputs(i));
            List<Integer> shape = new ArrayList<>();
            for (int axis = 0; axis < tensor.shapeSignatureLength(); axis++) {
                shape.add(tensor.shapeSignature(axis));
            }
            described.add(tensor.name() + " " + TensorType.name(tensor.type()) + " " + shape);
        }
        return described;
    }

    @Test
    void theFileHasItsMarkAndBuffersThatKernelsMayReadInPlace() throws Exception {
        byte[] bytes = Conversion.of(engine, network().output("y")).flatbuffer();
        ByteBuffer buffer = ByteBuffer.wrap(bytes);
        assertThat(new String(bytes, 4, 4, StandardCharsets.US_ASCII)).isEqualTo("TFL3");
        Model model = Model.getRootAsModel(buffer);
        assertThat(model.buffers(0).dataLength()).isZero();
        int filled = 0;
        for (int i = 1; i < model.buffersLength(); i++) {
            ByteBuffer data = model.buffers(i).dataAsByteBuffer();
            assertThat(data.position() % ALIGNMENT).as("buffer %d", i).isZero();
            filled++;
        }
        assertThat(filled).isGreaterThan(5);
    }

    @Test
    void theSameGraphGivesTheSameBytes() throws Exception {
        GraphSource source =
                new GraphSource("test", network().output("y").build().toByteArray());
        TfLiteConverter converter = new TfLiteConverter(engine);
        assertThat(converter.convert(source)).isEqualTo(converter.convert(source));
    }
}
