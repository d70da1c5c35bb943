package dev.cleave.engine.onnxruntime;

import static dev.cleave.engine.onnxruntime.TinyOnnx.dims;
import static dev.cleave.engine.onnxruntime.TinyOnnx.floats;
import static dev.cleave.engine.onnxruntime.TinyOnnx.model;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cleave.engine.DeviceOptions;
import dev.cleave.engine.Engine;
import dev.cleave.engine.GraphSource;
import dev.cleave.engine.Session;
import dev.cleave.engine.SessionOptions;
import java.util.List;
import org.junit.jupiter.api.Test;

/** With the library that the build has, which knows the CPU alone. */
class ExecutionProvidersTest {
    private static final GraphSource GRAPH = new GraphSource(
            "g.onnx",
            model(new TinyOnnx.Graph()
                    .input("x", 1, "N 4")
                    .input("w", 1, "4")
                    .initializer(floats("w", dims(4), 1f, 2f, 3f, 4f))
                    .node("Add", "x w", "y")
                    .output("y", 1, "N 4")));

    private final Engine engine;

    ExecutionProvidersTest() throws Exception {
        engine = new OnnxRuntimeProvider().create();
    }

    @Test
    void tellsWhichProvidersTheMachineHasWithoutAGraph() {
        assertThat(engine.unavailableReason("cpu")).isNull();
        assertThat(engine.unavailableReason("cuda")).isEqualTo("Failed to find CUDA shared provider");
        assertThat(engine.unavailableReason("tensorrt")).isEqualTo("Failed to find TensorRT shared provider");
        assertThat(engine.unavailableReason("abacus")).contains("expected cpu or one of [tensorrt, cuda");
    }

    @Test
    void fallsBackInOrderAndKeepsEveryReason() throws Exception {
        SessionOptions options = SessionOptions.defaults()
                .withProviders(List.of("tensorrt", "cuda", "cpu", "abacus"))
                .withDevice(DeviceOptions.first()
                        .withIndex(3)
                        .withMemoryBytes(1 << 30)
                        .withRows(2, 4));
        try (Session session = engine.load(GRAPH, options)) {
            assertThat(session.provider()).isEqualTo("cpu");
            assertThat(session.refusedProviders())
                    .containsExactly(
                            "tensorrt: Failed to find TensorRT shared provider",
                            "cuda: Failed to find CUDA shared provider");
        }
    }

    @Test
    void readsTheShapesThatRunsHaveToGive() throws Exception {
        assertThat(DeclaredValues.read("g", GRAPH.graph()).rankedInputs())
                .containsOnlyKeys("x")
                .hasEntrySatisfying("x", shape -> assertThat(shape).containsExactly(-1, 4));
        byte[] unranked = model(
                new TinyOnnx.Graph().input("x", 1, null).node("Neg", "x", "y").output("y", 1, null));
        assertThatThrownBy(() -> DeclaredValues.read("g", unranked).rankedInputs())
                .hasMessage("input \"x\" has no shape; expected one");
    }
}
