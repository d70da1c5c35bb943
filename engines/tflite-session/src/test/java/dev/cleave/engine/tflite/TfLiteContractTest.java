package dev.cleave.engine.tflite;

import static dev.cleave.engine.tflite.TinyTfLite.list;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cleave.engine.Engine;
import dev.cleave.engine.EngineContractTest;
import dev.cleave.engine.EngineException;
import dev.cleave.engine.GraphFormat;
import dev.cleave.engine.GraphSource;
import dev.cleave.engine.SessionOptions;
import dev.cleave.tensor.ElementType;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.tensorflow.lite.schema.AddOptionsT;
import org.tensorflow.lite.schema.BuiltinOperator;
import org.tensorflow.lite.schema.BuiltinOptions;
import org.tensorflow.lite.schema.LessEqualOptionsT;
import org.tensorflow.lite.schema.MulOptionsT;
import org.tensorflow.lite.schema.NegOptionsT;
import org.tensorflow.lite.schema.ReshapeOptionsT;
import org.tensorflow.lite.schema.WhileOptionsT;

/** The contract of engines with the graphs that it asks for in TensorFlow Lite's format, and what that format adds. */
public abstract class TfLiteContractTest extends EngineContractTest {
    private static final ElementType FLOAT = ElementType.FLOAT32;
    private static final int DAMAGED = 2000;

    @Override
    protected GraphSource affine() {
        return new GraphSource("affine.tflite", affineBytes());
    }

    private static byte[] affineBytes() {
        TinyTfLite model = new TinyTfLite();
        TinyTfLite.Subgraph graph = model.subgraph();
        int x = graph.tensor("x", FLOAT, -1, 4);
        int two = graph.constant("two", list(4), 2, 2, 2, 2);
        int one = graph.constant("one", list(4), 1, 1, 1, 1);
        int doubled = graph.tensor("doubled", FLOAT, -1, 4);
        int y = graph.tensor("y", FLOAT, -1, 4);
        graph.operator(BuiltinOperator.MUL, 1, BuiltinOptions.MulOptions, new MulOptionsT(), list(x, two), doubled);
        add(graph, doubled, one, y);
        return graph.end(list(x), y).bytes();
    }

    @Override
    protected GraphSource copy(ElementType type) {
        return copy("copy.tflite", "x", "y", type);
    }

    private static GraphSource copy(String label, String in, String out, ElementType type) {
        TinyTfLite.Subgraph graph = new TinyTfLite().subgraph();
        int x = graph.tensor(in, type, -1, 2);
        int y = graph.tensor(out, type, -1, 2);
        ReshapeOptionsT options = new ReshapeOptionsT();
        options.setNewShape(list(-1, 2));
        graph.operator(BuiltinOperator.RESHAPE, 1, BuiltinOptions.ReshapeOptions, options, list(x), y);
        return new GraphSource(label, graph.end(list(x), y).bytes());
    }

    @Override
    protected GraphSource twoByTwo() {
        TinyTfLite.Subgraph graph = new TinyTfLite().subgraph();
        int a = graph.tensor("a", FLOAT, 2, 3);
        int b = graph.tensor("b", FLOAT, 2, 3);
        int sum = graph.tensor("sum", FLOAT, 2, 3);
        int twice = graph.tensor("double", FLOAT, 2, 3);
        add(graph, a, b, sum);
        add(graph, a, a, twice);
        return new GraphSource("two.tflite", graph.end(list(a, b), sum, twice).bytes());
    }

    @Override
    protected GraphSource scalar() {
        TinyTfLite.Subgraph graph = new TinyTfLite().subgraph();
        int s = graph.tensor("s", FLOAT);
        int one = graph.constant("one", list(), 1);
        int t = graph.tensor("t", FLOAT);
        add(graph, s, one, t);
        return new GraphSource("scalar.tflite", graph.end(list(s), t).bytes());
    }

    @Override
    protected GraphSource endless() {
        TinyTfLite model = new TinyTfLite();
        TinyTfLite.Subgraph main = model.subgraph();
        int x = main.tensor("x", FLOAT, 1);
        int y = main.tensor("y", FLOAT, 1);
        WhileOptionsT options = new WhileOptionsT();
        options.setCondSubgraphIndex(1);
        options.setBodySubgraphIndex(2);
        main.operator(BuiltinOperator.WHILE, 1, BuiltinOptions.WhileOptions, options, list(x), y);
        main.end(list(x), y);
        TinyTfLite.Subgraph condition = model.subgraph();
        int carried = condition.tensor("carried", FLOAT, 1);
        int always = condition.tensor("always", ElementType.BOOL, 1);
        condition.operator(
                BuiltinOperator.LESS_EQUAL,
                1,
                BuiltinOptions.LessEqualOptions,
                new LessEqualOptionsT(),
                list(carried, carried),
                always);
        condition.end(list(carried), always);
        TinyTfLite.Subgraph body = model.subgraph();
        int in = body.tensor("in", FLOAT, 1);
        int next = body.tensor("next", FLOAT, 1);
        body.operator(BuiltinOperator.NEG, 1, BuiltinOptions.NegOptions, new NegOptionsT(), list(in), next);
        body.end(list(in), next);
        return new GraphSource("endless.tflite", model.bytes());
    }

    @Override
    protected GraphSource broken() {
        return new GraphSource(
                "broken.tflite", new byte[] {28, 0, 0, 0, 'T', 'F', 'L', '3', 1, 2, 3, 4, 5, 6, 7, 8, 9});
    }

    private static void add(TinyTfLite.Subgraph graph, int left, int right, int sum) {
        graph.operator(BuiltinOperator.ADD, 1, BuiltinOptions.AddOptions, new AddOptionsT(), list(left, right), sum);
    }

    @Test
    void readsGraphsOfItsOwnFormatAlone() throws Exception {
        try (Engine engine = engine()) {
            assertThat(engine.format()).isEqualTo(GraphFormat.TFLITE);
            assertThat(engine.name()).isEqualTo("tflite");
            assertThatThrownBy(() -> engine.load(
                            new GraphSource(
                                    "model.onnx", new byte[] {8, 8, 58, 100, 1, 2, 3, 4, 5, 6, 7, 8, 9, 1, 2, 3}),
                            SessionOptions.defaults()))
                    .isInstanceOf(EngineException.class)
                    .hasMessage("model.onnx: no TensorFlow Lite graph; expected bytes 4 to 7 to be TFL3");
        }
    }

    @Test
    void refusesTensorsThatCannotBeTalkedOf() throws Exception {
        assertRefused(copy("odd.tflite", "", "y", FLOAT), "odd.tflite: input 0 has no name");
        TinyTfLite.Subgraph graph = new TinyTfLite().subgraph();
        int x = graph.tensor("x", FLOAT, 2);
        int y = graph.tensor("y", FLOAT, 2);
        int other = graph.tensor("y", FLOAT, 2);
        add(graph, x, x, y);
        add(graph, x, y, other);
        assertRefused(
                new GraphSource("odd.tflite", graph.end(list(x), y, other).bytes()),
                "odd.tflite: two outputs are called \"y\"");
    }

    @Test
    void refusesGraphsCutShortAnywhere() throws Exception {
        byte[] whole = affineBytes();
        try (Engine engine = engine()) {
            for (int length = 0; length < whole.length / 2; length++) {
                GraphSource part = new GraphSource("part.tflite", Arrays.copyOf(whole, length));
                assertThatThrownBy(() -> engine.load(part, SessionOptions.defaults()))
                        .isInstanceOf(EngineException.class)
                        .hasMessageStartingWith("part.tflite: ")
                        .hasMessageNotContaining("\n");
            }
        }
    }

    @Test
    void refusesSubgraphsThatRunThemselves() throws Exception {
        TinyTfLite.Subgraph graph = new TinyTfLite().subgraph();
        int x = graph.tensor("x", FLOAT, 1);
        int y = graph.tensor("y", FLOAT, 1);
        WhileOptionsT options = new WhileOptionsT();
        graph.operator(BuiltinOperator.WHILE, 1, BuiltinOptions.WhileOptions, options, list(x), y);
        assertRefused(
                new GraphSource("self.tflite", graph.end(list(x), y).bytes()),
                "self.tflite: subgraph 0 runs itself; expected an end");
    }

    @Test
    void damagedGraphsAreRefusedOrRunButNeverEndTheProcess() throws Exception {
        DamagedGraphs.Outcome outcome = DamagedGraphs.tryAll(DAMAGED);
        System.out.println(DAMAGED + " damaged graphs: " + outcome);
        assertThat(outcome.crashes()).isEmpty();
        assertThat(outcome.refused() + outcome.failed() + outcome.ran()).isEqualTo(DAMAGED);
        assertThat(outcome.refused()).isPositive();
        assertThat(outcome.ran()).isPositive();
    }

    private void assertRefused(GraphSource source, String message) throws EngineException {
        try (Engine engine = engine()) {
            assertThatThrownBy(() -> engine.load(source, SessionOptions.defaults()))
                    .isInstanceOf(EngineException.class)
                    .hasMessage(message);
        }
    }
}
