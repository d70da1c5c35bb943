package dev.cleave.engine.onnxruntime;

import static dev.cleave.engine.onnxruntime.TinyOnnx.dims;
import static dev.cleave.engine.onnxruntime.TinyOnnx.graphAttribute;
import static dev.cleave.engine.onnxruntime.TinyOnnx.longs;
import static dev.cleave.engine.onnxruntime.TinyOnnx.model;
import static dev.cleave.engine.onnxruntime.TinyOnnx.raw;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.gson.stream.JsonReader;
import dev.cleave.engine.Engine;
import dev.cleave.engine.EngineException;
import dev.cleave.engine.GraphSource;
import dev.cleave.engine.OperatorTime;
import dev.cleave.engine.SessionOptions;
import dev.cleave.tensor.Shape;
import dev.cleave.tensor.Tensor;
import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ProfileEventsTest {
    @Test
    void splitsKernelsByTheRunThatEndsAfterThem() throws Exception {
        assertThat(read(
                        event("Session", "session_initialization", 0, 900, null),
                        event("Node", "a_kernel_time", 1000, 5, "Conv"),
                        event("Node", "a_fence_after", 1005, 1, "Conv"),
                        event("Node", "b_kernel_time", 1005, 2, "Relu"),
                        event("Session", "SequentialExecutor::Execute", 999, 20, null),
                        event("Session", "model_run", 998, 22, null),
                        event("Node", "a_kernel_time", 2000, 7, "Conv"),
                        event("Session", "model_run", 1998, 22, null)))
                .containsExactly(
                        List.of(new OperatorTime("a", "Conv", 5000), new OperatorTime("b", "Relu", 2000)),
                        List.of(new OperatorTime("a", "Conv", 7000)));
    }

    @Test
    void leavesOutWhatRanInsideAnotherOperator() throws Exception {
        assertThat(read(
                        event("Node", "before_kernel_time", 10, 0, "Add"),
                        event("Node", "inner_kernel_time", 10, 3, "Mul"),
                        event("Node", "innermost_kernel_time", 14, 1, "Sub"),
                        event("Node", "middle_kernel_time", 13, 4, "If"),
                        event("Node", "outer_kernel_time", 10, 8, "Loop"),
                        event("Node", "after_kernel_time", 18, 2, "Add"),
                        event("Session", "model_run", 9, 12, null)))
                .containsExactly(List.of(
                        new OperatorTime("before", "Add", 0),
                        new OperatorTime("outer", "Loop", 8000),
                        new OperatorTime("after", "Add", 2000)));
    }

    @Test
    void countsALoopOnceHoweverOftenItsBodyRuns() throws Exception {
        TinyOnnx.Graph body = new TinyOnnx.Graph()
                .input("iteration", 7, "")
                .input("keep_going", 9, "")
                .input("carried", 1, "1")
                .node("Identity", "keep_going", "still_going")
                .node("Neg", "carried", "next")
                .output("still_going", 9, "")
                .output("next", 1, "1");
        byte[] loop = model(new TinyOnnx.Graph()
                .input("x", 1, "1")
                .initializer(longs("trips", dims(), 200))
                .initializer(raw("go", 9, new byte[] {1}))
                .node("Loop", "trips go x", "y", graphAttribute("body", body))
                .output("y", 1, "1"));
        try (Engine engine = new OnnxRuntimeProvider().create()) {
            List<List<OperatorTime>> runs = engine.profile(
                    new GraphSource("loop.onnx", loop),
                    SessionOptions.defaults(),
                    Map.of("x", Tensor.ofFloats(Shape.of(1), 1)),
                    4);
            assertThat(runs)
                    .hasSize(4)
                    .allSatisfy(run ->
                            assertThat(run).extracting(OperatorTime::operator).containsExactly("Loop"));
            assertThat(runs.get(0).get(0).nanos()).isPositive();
        }
    }

    @Test
    void deletesItsFilesAlsoWhenTheyCannotBeRead() throws Exception {
        ProfileFile file = ProfileFile.create("model.onnx");
        Path folder = file.prefix().getParent();
        Files.writeString(file.prefix().resolveSibling("run_2026.json"), "[{\"cat\"");
        assertThatThrownBy(() -> file.read(0, 1))
                .isInstanceOf(EngineException.class)
                .hasMessageStartingWith("model.onnx: ONNX Runtime's profile is not readable: ")
                .hasMessageNotContaining("\n");
        file.close();
        assertThat(folder).doesNotExist();
    }

    @Test
    void saysHowManyRunsTheFileLacks() throws Exception {
        try (ProfileFile file = ProfileFile.create("model.onnx")) {
            Files.writeString(
                    file.prefix().resolveSibling("run_2026.json"),
                    "[" + event("Session", "model_run", 0, 1, null) + "]");
            assertThatThrownBy(() -> file.read(1, 2))
                    .isInstanceOf(EngineException.class)
                    .hasMessage("model.onnx: ONNX Runtime's profile holds 1 runs; expected 3");
        }
    }

    private static List<List<OperatorTime>> read(String... events) throws IOException {
        return ProfileEvents.read(new JsonReader(new StringReader("[" + String.join(",", events) + "]")));
    }

    private static String event(String category, String name, long ts, long dur, String operator) {
        String args =
                operator == null ? "{}" : "{\"op_name\":\"" + operator + "\",\"input_type_shape\":[{\"float\":[1]}]}";
        return "{\"cat\":\"" + category + "\",\"pid\":1,\"tid\":1,\"dur\":" + dur + ",\"ts\":" + ts
                + ",\"ph\":\"X\",\"name\":\"" + name + "\",\"args\":" + args + "}";
    }
}
