package dev.cleave.engine.tflite;

import static dev.cleave.engine.tflite.TinyTfLite.list;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cleave.engine.EngineException;
import dev.cleave.engine.GraphSource;
import dev.cleave.tensor.ElementType;
import java.nio.ByteBuffer;
import java.util.Collections;
import java.util.EnumSet;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.tensorflow.lite.schema.AddOptionsT;
import org.tensorflow.lite.schema.BuiltinOperator;
import org.tensorflow.lite.schema.BuiltinOptions;
import org.tensorflow.lite.schema.DepthToSpaceOptionsT;
import org.tensorflow.lite.schema.Pool2DOptionsT;

class TfLiteGraphTest {
    private static final ElementType FLOAT = ElementType.FLOAT32;

    private final TinyTfLite.Subgraph graph = new TinyTfLite().subgraph();
    private final int x = graph.tensor("x", FLOAT, -1, 2, 2, 4);
    private final int y = graph.tensor("y", FLOAT, -1, 2, 2, 4);
    private final int z = graph.tensor("z", FLOAT, -1, 2, 2, 4);

    @Test
    void readsInputsAndOutputsOfNetworks() throws Exception {
        TfLiteGraph read = read(SmallNetworks.integers());
        assertThat(read.inputs()).hasToString("[x:int8[?,6,6,2]]");
        assertThat(read.outputs()).hasToString("[y:int8[?,3]]");
        assertThat(read.stateful()).isFalse();
    }

    @Test
    void knowsGraphsWithVariables() throws Exception {
        graph.at(y).setIsVariable(true);
        assertThat(read(add(x, y, z).end(list(x), z).bytes()).stateful()).isTrue();
    }

    @Test
    void refusesOperatorsInAnImpossibleOrder() {
        assertRefused(add(x, y, z).end(list(x), z), "operator 0 reads tensor 1 \"y\", which nothing before it makes");
    }

    @Test
    void refusesTensorsMadeTwice() {
        add(x, x, y);
        assertRefused(add(x, x, y).end(list(x), y), "operator 0 makes tensor 1 \"y\", which is there already");
    }

    @Test
    void refusesWhatNobodyReadsOrMakes() {
        add(x, x, y);
        add(x, x, z);
        assertRefused(graph.end(list(x), y), "tensor \"z\" is made, but nothing reads it");
        assertRefused(new TinyTfLite().subgraph().end(list()), "no input; expected at least one");
    }

    @Test
    void refusesOutputsThatAreNotMade() {
        assertRefused(add(x, x, y).end(list(x), y, z), "output \"z\" is made by no operator");
    }

    @Test
    void refusesWhatKernelsWouldDivideBy() {
        Pool2DOptionsT pool = new Pool2DOptionsT();
        pool.setStrideW(0);
        pool.setStrideH(1);
        graph.operator(BuiltinOperator.MAX_POOL_2D, 1, BuiltinOptions.Pool2DOptions, pool, list(x), y);
        assertRefused(
                graph.end(list(x), y), "operator MAX_POOL_2D has 0 in field 1 of its options; expected at least 1");
    }

    @Test
    void refusesUnknownPadding() {
        Pool2DOptionsT pool = new Pool2DOptionsT();
        pool.setPadding((byte) -1);
        graph.operator(BuiltinOperator.MAX_POOL_2D, 1, BuiltinOptions.Pool2DOptions, pool, list(x), y);
        assertRefused(graph.end(list(x), y), "operator MAX_POOL_2D has padding -1; expected 0 (SAME) or 1 (VALID)");
    }

    @Test
    void refusesBlocksOfNoSize() {
        graph.operator(
                BuiltinOperator.DEPTH_TO_SPACE,
                1,
                BuiltinOptions.DepthToSpaceOptions,
                new DepthToSpaceOptionsT(),
                list(x),
                y);
        assertRefused(
                graph.end(list(x), y), "operator DEPTH_TO_SPACE has 0 in field 0 of its options; expected at least 1");
    }

    @Test
    void refusesScalesThatDoNotFitTheirAxis() {
        graph.quantized(y, 3, 0.1f, 0.2f, 0.3f);
        assertRefused(add(x, x, y).end(list(x), y), "tensor 1 \"y\" has 3 scales and 3 zero points on axis 3");
    }

    @Test
    void refusesIntegersWithoutAScaleWhereKernelsDivideByIt() {
        int bytes = graph.tensor("bytes", ElementType.INT8, -1, 4);
        int sum = graph.tensor("sum", ElementType.INT8, -1, 4);
        graph.quantized(bytes, 0, 0.5f);
        String message = "operator 0 computes with the scale of tensor " + sum + " \"sum\"; expected a positive one";
        TinyTfLite model = add(bytes, bytes, sum).end(list(bytes), sum);
        assertRefused(model, message);
        graph.quantized(sum, 0, 0f);
        assertRefused(model, message);
        graph.quantized(sum, 0, 0.25f);
        assertThatCode(() -> read(model.bytes())).doesNotThrowAnyException();
    }

    @Test
    void refusesNegativeSizes() {
        graph.at(y).setShape(list(1, -2, 2, 4));
        assertRefused(add(x, x, y).end(list(x), y), "tensor 1 \"y\" has a dimension of -2");
    }

    @Test
    void refusesWeightsThatAreNotInside() {
        GraphSource source = new GraphSource(
                "outside.tflite",
                SmallNetworks.floats(),
                Collections.emptyMap(),
                Collections.singletonMap("weights", ByteBuffer.allocateDirect(4)));
        assertThatThrownBy(() -> TfLiteGraph.read(source, EnumSet.allOf(ElementType.class)))
                .hasMessage(
                        "outside.tflite: has weights outside the graph; expected all of them inside a .tflite file");
    }

    /** Whatever the bytes, there is a graph or one line. */
    @Test
    void neverFailsInAnotherWay() {
        byte[] whole = SmallNetworks.floats();
        Random random = new Random(3);
        int refused = 0;
        for (int seed = 0; seed < 20_000; seed++) {
            byte[] damaged = DamagedGraphs.damaged(whole, random.nextInt());
            try {
                read(damaged);
            } catch (EngineException e) {
                assertThat(e.getMessage()).startsWith("graph.tflite: ").doesNotContain("\n");
                refused++;
            }
        }
        assertThat(refused).isGreaterThan(1_000);
    }

    private TinyTfLite.Subgraph add(int left, int right, int sum) {
        return graph.operator(
                BuiltinOperator.ADD, 1, BuiltinOptions.AddOptions, new AddOptionsT(), list(left, right), sum);
    }

    private static TfLiteGraph read(byte[] bytes) throws EngineException {
        return TfLiteGraph.read(new GraphSource("graph.tflite", bytes), EnumSet.allOf(ElementType.class));
    }

    private static void assertRefused(TinyTfLite model, String message) {
        assertThatThrownBy(() -> read(model.bytes()))
                .isInstanceOf(EngineException.class)
                .hasMessageStartingWith("graph.tflite: " + message);
    }
}
