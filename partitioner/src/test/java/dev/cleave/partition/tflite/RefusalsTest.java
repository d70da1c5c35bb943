package dev.cleave.partition.tflite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cleave.engine.Engine;
import dev.cleave.engine.Engines;
import dev.cleave.engine.GraphSource;
import dev.cleave.engine.WeightsRegion;
import dev.cleave.partition.ModelBuilder;
import dev.cleave.partition.graph.ModelException;
import dev.cleave.tensor.ElementType;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What cannot be converted is named, and hostile graphs do no more than fail. */
class RefusalsTest {
    private static final int MUTATIONS = 600;

    private static Engine engine;

    @BeforeAll
    static void open() throws Exception {
        engine = Engines.create("onnxruntime");
    }

    @AfterAll
    static void close() {
        engine.close();
    }

    private static ModelBuilder picture() {
        return new ModelBuilder().input("x", "N", 6, 13, 11);
    }

    private static void assertRefused(ModelBuilder model, String operator, String message) {
        assertThatThrownBy(() -> Conversion.of(engine, model.output("y")))
                .isInstanceOfSatisfying(
                        UnconvertibleException.class,
                        refusal -> assertThat(refusal.operator()).isEqualTo(operator))
                .hasMessageContaining(message);
    }

    @Test
    void anUnknownOperatorIsNamed() {
        assertRefused(
                picture().node("Relu", "x", "r").node("Erf", "r", "y"), "Erf", "Erf \"Erf_y\": operator Erf has no");
    }

    @Test
    void anOperatorThatNoOutputNeedsIsNoHindrance() throws Exception {
        ModelBuilder model =
                picture().node("Relu", "x", "y").node("Erf", "x", "z").output("y");
        assertThat(Conversion.of(engine, model).error(1, 1)).isLessThan(1e-6);
    }

    @Test
    void anUnknownModeIsNamedWithTheNodeAndWhatIsExpected() {
        assertRefused(
                picture()
                        .floats("scales", 1, 1, 2, 2)
                        .node("Resize", "x _ scales", "y")
                        .with("mode", "cubic"),
                "Resize",
                "Resize \"Resize_y\": mode cubic; expected nearest or linear");
    }

    @Test
    void aResizeWhosePixelsWouldBeOthersIsRefused() {
        assertRefused(
                picture()
                        .floats("scales", 1, 1, 0.7f, 0.7f)
                        .node("Resize", "x _ scales", "y")
                        .with("nearest_mode", "ceil")
                        .with("coordinate_transformation_mode", "asymmetric"),
                "Resize",
                "expected coordinates that TensorFlow Lite has");
    }

    @Test
    void aTargetThatDependsOnValuesIsRefused() {
        assertRefused(
                picture().input("shape", ElementType.INT64, 2).node("Reshape", "x shape", "y"),
                "Reshape",
                "input 1 is computed; expected a constant");
    }

    @Test
    void anOpenHeightIsRefused() {
        assertRefused(
                new ModelBuilder().input("x", "N", 3, "H", 8).node("Relu", "x", "y"),
                "",
                "tensor \"x\": axis 2 is open; expected no open axis but the first");
    }

    @Test
    void rowsThatAreMixedAreRefused() {
        assertRefused(
                new ModelBuilder()
                        .input("x", "N", 4)
                        .longs("all", -1)
                        .node("Transpose", "x", "t")
                        .node("MatMul", "x t", "m")
                        .node("Reshape", "m all", "y"),
                "",
                "expected axes that are fixed or grow with the rows");
    }

    @Test
    void weightsBeyondTheirRegionAreRefused(@TempDir Path folder) throws Exception {
        Path weights = Files.write(folder.resolve("weights.bin"), new byte[1024]);
        ModelBuilder model = new ModelBuilder()
                .input("x", "N", 4)
                .initializer(ModelBuilder.external("w", "w.bin", "900", "128", 4, 8))
                .node("MatMul", "x w", "y")
                .output("y");
        GraphSource beyond = new GraphSource(
                "test", model.build().toByteArray(), Map.of("w.bin", new WeightsRegion(weights, 0, 1024)));
        assertThatThrownBy(() -> Conversion.of(engine, beyond))
                .isInstanceOf(ModelException.class)
                .hasMessageContaining("lies at 900+128");
        GraphSource elsewhere = new GraphSource("test", model.build().toByteArray(), Map.of());
        assertThatThrownBy(() -> Conversion.of(engine, elsewhere))
                .isInstanceOf(ModelException.class)
                .hasMessageContaining("location \"w.bin\"; expected one of []");
    }

    private static ModelBuilder floats() {
        return picture()
                .weights("w", 4, 6, 3, 3)
                .longs("shape", 0, -1)
                .longs("pads", 0, 0, 1, 0, 0, 0, 2, 1)
                .node("Pad", "x pads", "p")
                .node("Conv", "p w", "c")
                .with("pads", 1L, 1L, 1L, 1L)
                .node("MaxPool", "c", "m")
                .with("kernel_shape", 2L, 2L)
                .node("Split", "m", "a b")
                .with("axis", 1L)
                .node("Concat", "b a", "j")
                .with("axis", 3L)
                .node("Reshape", "j shape", "r")
                .node("Softmax", "r", "y")
                .output("y");
    }

    private static ModelBuilder integers() {
        return new ModelBuilder()
                .input("x", ElementType.UINT8, "N", 4, 5, 5)
                .scalar("s", 0.02f)
                .bytes("z", ElementType.UINT8, new long[0], (byte) 119)
                .bytes("w", ElementType.INT8, new long[] {2, 4, 1, 1}, new byte[8])
                .floats("ws", 0.1f, 0.2f)
                .bytes("wz", ElementType.INT8, new long[] {2}, new byte[2])
                .node("DequantizeLinear", "x s z", "f")
                .node("DequantizeLinear", "w ws wz", "wf")
                .with("axis", 0L)
                .node("Conv", "f wf", "c")
                .node("QuantizeLinear", "c s z", "q")
                .node("DequantizeLinear", "q s z", "d")
                .node("Add", "d d", "a")
                .node("QuantizeLinear", "a s z", "y")
                .output("y");
    }

    @Test
    void brokenGraphsFailInOneLine() throws Exception {
        SplittableRandom random = new SplittableRandom(5);
        for (ModelBuilder model : List.of(floats(), integers())) {
            byte[] graph = model.build().toByteArray();
            int converted = 0;
            for (int i = 0; i < MUTATIONS; i++) {
                converted += isConverted(broken(graph, i % 10 == 0, random)) ? 1 : 0;
            }
            assertThat(converted).as("of %d", MUTATIONS).isBetween(1, MUTATIONS - 1);
        }
    }

    private static byte[] broken(byte[] graph, boolean isCut, SplittableRandom random) {
        if (isCut) {
            return Arrays.copyOf(graph, random.nextInt(graph.length));
        }
        byte[] broken = graph.clone();
        broken[random.nextInt(graph.length)] ^= (byte) (1 << random.nextInt(8));
        return broken;
    }

    private static boolean isConverted(byte[] graph) {
        try {
            new TfLiteConverter(engine).convert(new GraphSource("broken", graph));
            return true;
        } catch (UnconvertibleException | ModelException named) {
            assertThat(named.getMessage()).isNotBlank().doesNotContain("\n");
            return false;
        }
    }
}
