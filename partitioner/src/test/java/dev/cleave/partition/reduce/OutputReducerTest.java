package dev.cleave.partition.reduce;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cleave.engine.Engine;
import dev.cleave.engine.Engines;
import dev.cleave.engine.GraphSource;
import dev.cleave.engine.Session;
import dev.cleave.engine.SessionOptions;
import dev.cleave.onnx.ModelProto;
import dev.cleave.onnx.ValueInfoProto;
import dev.cleave.partition.ModelBuilder;
import dev.cleave.tensor.ElementType;
import dev.cleave.tensor.Shape;
import dev.cleave.tensor.Tensor;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OutputReducerTest {
    private static final Shape SHAPE = Shape.of(1, 2, 4);
    private static final Tensor SCORES = Tensor.ofFloats(SHAPE, 1, 9, 3, 4, -5, -6, -2, -7);

    @ParameterizedTest(name = "operator set {0}, {1}")
    @CsvSource({"9,FLOAT32", "13,FLOAT32", "18,FLOAT32", "13,FLOAT16", "18,FLOAT16"})
    void argmaxLeavesTheBestIndexAndItsValue(int opset, ElementType type) throws Exception {
        Map<String, Tensor> outputs = run(reduce(opset, type, "y=argmax"));
        assertThat(outputs.keySet()).containsExactly("y.argmax", "y.max", "other");
        assertThat(outputs.get("y.argmax").shape()).isEqualTo(Shape.of(1, 2));
        assertThat(longs(outputs.get("y.argmax"))).containsExactly(1, 2);
        assertThat(floats(outputs.get("y.max"))).containsExactly(9, -2);
    }

    @ParameterizedTest(name = "operator set {0}, {1}")
    @CsvSource({"10,FLOAT32", "13,FLOAT16", "18,FLOAT32"})
    void topkLeavesTheBestInOrder(int opset, ElementType type) throws Exception {
        Map<String, Tensor> outputs = run(reduce(opset, type, "y=topk:2"));
        assertThat(outputs.keySet()).containsExactly("y.topk_indices", "y.topk_values", "other");
        assertThat(outputs.get("y.topk_indices").shape()).isEqualTo(Shape.of(1, 2, 2));
        assertThat(longs(outputs.get("y.topk_indices"))).containsExactly(1, 3, 2, 0);
        assertThat(floats(outputs.get("y.topk_values"))).containsExactly(9, 4, -2, -5);
    }

    @Test
    void whatCannotBeReducedIsRefusedByName() {
        assertThatThrownBy(() -> reduce(13, ElementType.FLOAT32, "z=argmax"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("the model has no output \"z\"; it has [y, other]");
        assertThatThrownBy(() -> reduce(13, ElementType.FLOAT32, "other=argmax"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("output \"other\" cannot be reduced");
        assertThatThrownBy(() -> reduce(9, ElementType.FLOAT32, "y=topk:2"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("the model uses operator set 9; expected 10 or later");
    }

    @Test
    void theReductionsOfABundleAreToldByItsOutputs() {
        List<String> model = List.of("a", "b", "c");
        List<String> bundle = List.of("a", "b.argmax", "b.max", "c.topk_indices", "c.topk_values");
        assertThat(OutputReducer.between(model, bundle, name -> name.equals("c.topk_indices") ? 5 : -1))
                .containsExactly(new Reduction("b", 0), new Reduction("c", 5));
        assertThat(OutputReducer.between(model, model, name -> -1)).isEmpty();
    }

    @Test
    void onlyTheTwoFormsAreRead() {
        assertThat(Reduction.parse("scores=argmax")).isEqualTo(new Reduction("scores", 0));
        assertThat(Reduction.parse("a=b=topk:7")).isEqualTo(new Reduction("a=b", 7));
        for (String malformed : List.of("scores", "=argmax", "y=topk", "y=topk:0", "y=topk:-1", "y=max")) {
            assertThatThrownBy(() -> Reduction.parse(malformed))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining(malformed)
                    .hasMessageContaining("expected NAME=argmax or NAME=topk:K");
        }
    }

    private static ModelProto reduce(int opset, ElementType type, String reduction) {
        ModelBuilder model = new ModelBuilder()
                .opset("", opset)
                .irVersion(6)
                .input("x", ElementType.FLOAT32, "N", 2, 4)
                .node("Identity", "x", "i")
                .node("Cast", "i", "y")
                .with("to", (long) type.onnxCode())
                .node("Cast", "i", "other")
                .with("to", (long) ElementType.INT32.onnxCode())
                .output("y", type, "N", 2, 4)
                .output("other", ElementType.INT32, "N", 2, 4);
        return OutputReducer.reduce(model.build(), List.of(Reduction.parse(reduction)));
    }

    /** Runs a model; outputs are in its own order, and as it declares them. */
    private static Map<String, Tensor> run(ModelProto model) throws Exception {
        try (Engine engine = Engines.create("onnxruntime");
                Session session = engine.load(
                        new GraphSource("reduced", model.toByteArray(), Map.of()), SessionOptions.defaults())) {
            assertThat(session.outputs())
                    .extracting(spec -> spec.name())
                    .containsExactlyElementsOf(model.getGraph().getOutputList().stream()
                            .map(ValueInfoProto::getName)
                            .toList());
            Map<String, Tensor> outputs = session.run(Map.of("x", SCORES));
            session.outputs()
                    .forEach(spec ->
                            assertThat(spec.mismatch(outputs.get(spec.name()))).isNull());
            return outputs;
        }
    }

    private static long[] longs(Tensor tensor) {
        long[] values = new long[tensor.elements()];
        tensor.data().asLongBuffer().get(values);
        return values;
    }

    private static float[] floats(Tensor tensor) {
        float[] values = new float[tensor.elements()];
        tensor.data().asFloatBuffer().get(values);
        return values;
    }
}
