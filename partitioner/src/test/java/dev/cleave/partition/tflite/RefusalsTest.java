package dev.cleave.partition.tflite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cleave.engine.Engine;
import dev.cleave.engine.Engines;
import dev.cleave.engine.GraphSource;
import dev.cleave.partition.ModelBuilder;
import dev.cleave.partition.graph.ModelException;
import dev.cleave.tensor.ElementType;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

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
    void brokenGraphsFailInOneLine() throws Exception {
        ModelBuilder model = picture()
                .weights("w", 4, 6, 3, 3)
                .longs("shape", 0, -1)
                .node("Conv", "x w", "c")
                .with("pads", 1L, 1L, 1L, 1L)
                .node("MaxPool", "c", "m")
                .with("kernel_shape", 2L, 2L)
                .node("Reshape", "m shape", "r")
                .node("Softmax", "r", "y")
                .output("y");
        byte[] graph = model.build().toByteArray();
        SplittableRandom random = new SplittableRandom(5);
        int converted = 0;
        for (int i = 0; i < MUTATIONS; i++) {
            byte[] broken = graph.clone();
            if (i % 10 == 0) {
                broken = Arrays.copyOf(broken, random.nextInt(graph.length));
            } else {
                int from = i % 3 == 0 ? 0 : Math.max(0, graph.length - 400);
                broken[from + random.nextInt(graph.length - from)] ^= (byte) (1 << random.nextInt(8));
            }
            try {
                new TfLiteConverter(engine).convert(new GraphSource("broken", broken));
                converted++;
            } catch (UnconvertibleException | ModelException named) {
                assertThat(named.getMessage()).isNotBlank().doesNotContain("\n");
            }
        }
        assertThat(converted).as("of %d", MUTATIONS).isLessThan(MUTATIONS);
    }
}
