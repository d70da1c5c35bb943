package dev.cleave.engine.tflite.jvm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleave.engine.EngineException;
import dev.cleave.engine.GraphSource;
import dev.cleave.engine.SessionOptions;
import dev.cleave.engine.tflite.SmallNetworks;
import dev.cleave.engine.tflite.TfLiteGraph;
import dev.cleave.tensor.ElementType;
import dev.cleave.tensor.Shape;
import java.util.EnumSet;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class XnnpackTest {
    private static final SessionOptions OPTIMIZED = SessionOptions.defaults();
    private static final SessionOptions AS_WRITTEN = OPTIMIZED.withOptimized(false);

    @BeforeAll
    static void loadLibrary() {
        NativeLibrary.load();
    }

    @Test
    void takesOverWholeNetworksOfFloats() throws Exception {
        assertThat(steps(SmallNetworks.floats(), OPTIMIZED)).isEqualTo(1);
    }

    /** Convolutions, pool, reshaping with the fully connected layer, softmax: pool and softmax have no integer kernels there. */
    @Test
    void leavesIntegerPoolsAndSoftmaxToTheInterpreter() throws Exception {
        assertThat(steps(SmallNetworks.integers(), OPTIMIZED)).isEqualTo(4);
    }

    @Test
    void isLeftOutOnRequest() throws Exception {
        assertThat(steps(SmallNetworks.floats(), AS_WRITTEN)).isEqualTo(6);
    }

    @Test
    void isLeftOutWhereAGraphDeclaresWrongShapes() throws Exception {
        assertThat(steps(SmallNetworks.lying(), OPTIMIZED)).isEqualTo(6);
    }

    private static int steps(byte[] graph, SessionOptions options) throws EngineException {
        GraphSource source = new GraphSource("network", graph);
        TfLiteGraph read = TfLiteGraph.read(source, EnumSet.allOf(ElementType.class));
        try (NativeModel model = NativeModel.load(source, read, options);
                NativeInterpreter interpreter = model.newInterpreter()) {
            interpreter.resize(List.of(Shape.of(1, 6, 6, 2)));
            return interpreter.steps();
        }
    }
}
