package dev.cleave.engine.onnxruntime;

import static dev.cleave.engine.onnxruntime.TinyOnnx.dims;
import static dev.cleave.engine.onnxruntime.TinyOnnx.floats;
import static dev.cleave.engine.onnxruntime.TinyOnnx.model;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import dev.cleave.engine.Engine;
import dev.cleave.engine.EngineException;
import dev.cleave.engine.EngineProvider;
import dev.cleave.engine.Engines;
import dev.cleave.engine.GraphSource;
import dev.cleave.engine.Session;
import dev.cleave.engine.SessionOptions;
import dev.cleave.tensor.ElementType;
import dev.cleave.tensor.Shape;
import dev.cleave.tensor.Tensor;
import dev.cleave.tensor.TensorSpec;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What is particular to ONNX Runtime; the rest is in {@link OnnxRuntimeEngineTest}. */
class OnnxRuntimeSessionTest {
    private Engine engine;

    @BeforeEach
    void createEngine() throws EngineException {
        engine = new OnnxRuntimeProvider().create();
    }

    @AfterEach
    void closeEngine() {
        engine.close();
    }

    @Test
    void isFoundOnTheClassPath() throws Exception {
        try (Engine found = Engines.create("onnxruntime")) {
            assertThat(found.name()).isEqualTo("onnxruntime");
            assertThat(found.version()).isEqualTo(engine.version());
        }
        EngineProvider provider = new OnnxRuntimeProvider();
        assertThat(provider.unavailableReason()).isNull();
        assertThat(provider.priority()).isEqualTo(5);
    }

    @Test
    void initializersThatAreAlsoInputsAreNoInputs() throws Exception {
        for (int irVersion : new int[] {3, 8}) {
            byte[] graph = model(
                    irVersion,
                    11,
                    new TinyOnnx.Graph()
                            .input("x", 1, "2")
                            .input("w", 1, "2")
                            .initializer(floats("w", dims(2), 10f, 20f))
                            .node("Add", "x w", "y")
                            .output("y", 1, "2"));
            try (Session session = load(graph)) {
                assertThat(session.inputs()).extracting(TensorSpec::name).containsExactly("x");
                assertThat(floatsOf(session.run(Map.of("x", pair(1f, 2f))).get("y")))
                        .containsExactly(11f, 22f);
            }
        }
    }

    @Test
    void writesIntoAnOutputThatWasGivenBackIfItsShapeIsRight() throws Exception {
        byte[] graph = model(
                new TinyOnnx.Graph().input("x", 1, "N").node("Neg", "x", "y").output("y", 1, "N"));
        try (Session session = load(graph)) {
            Tensor kept = session.run(Map.of("x", pair(1f, 2f))).get("y");
            Tensor given = session.run(Map.of("x", pair(3f, 4f))).get("y");
            session.recycle("y", given);

            Tensor longer = Tensor.ofFloats(Shape.of(3), 5f, 6f, 7f);
            assertThat(floatsOf(session.run(Map.of("x", longer)).get("y"))).containsExactly(-5f, -6f, -7f);
            assertThat(session.run(Map.of("x", pair(8f, 9f))).get("y")).isSameAs(given);
            assertThat(floatsOf(given)).containsExactly(-8f, -9f);
            assertThat(session.run(Map.of("x", pair(0f, 0f))).get("y")).isNotSameAs(given);
            assertThat(floatsOf(kept)).containsExactly(-1f, -2f);
        }
    }

    @Test
    void keepsAFewSparesOfEachOutput() throws Exception {
        byte[] graph = model(
                new TinyOnnx.Graph().input("x", 1, "N").node("Neg", "x", "y").output("y", 1, "N"));
        try (Session session = load(graph)) {
            Tensor oldest = Tensor.ofFloats(Shape.of(2), 1f, 2f);
            session.recycle("y", oldest);
            for (int size = 3; size < 20; size++) {
                session.recycle("y", Tensor.allocate(ElementType.FLOAT32, Shape.of(size)));
            }
            assertThat(session.run(Map.of("x", pair(8f, 9f))).get("y")).isNotSameAs(oldest);
        }
    }

    @Test
    void refusesInputsAndOutputsThatAreNoTensorsByName() {
        TinyOnnx.Graph sequence = new TinyOnnx.Graph()
                .input(TinyOnnx.value("frames", TinyOnnx.typeOf(4)))
                .node("SequenceLength", "frames", "n")
                .output("n", 7, "");
        assertRefused(sequence, "input \"frames\" is of kind sequence; expected a tensor");
        TinyOnnx.Graph optional = new TinyOnnx.Graph()
                .input("x", 1, "2")
                .node("Optional", "x", "maybe")
                .output(TinyOnnx.value("maybe", TinyOnnx.typeOf(9)));
        assertRefused(optional, "output \"maybe\" is of kind optional; expected a tensor");
        TinyOnnx.Graph string = new TinyOnnx.Graph()
                .input("text", 8, "2")
                .node("Identity", "text", "same")
                .output("same", 8, "2");
        assertRefused(string, "input \"text\": element type 8 cannot cross a boundary (string)");
        TinyOnnx.Graph untyped = new TinyOnnx.Graph()
                .input("x", 1, "2")
                .node("SequenceConstruct", "x x", "pairs")
                .output(TinyOnnx.message(out -> out.writeString(1, "pairs")));
        assertRefused(untyped, "output \"pairs\"");
        TinyOnnx.Graph deep = new TinyOnnx.Graph()
                .input("x", 1, "1 1 1 1 1 1 1 1 1")
                .node("Identity", "x", "y")
                .output("y", 1, "1 1 1 1 1 1 1 1 1");
        assertRefused(deep, "input \"x\" has rank 9; expected at most 8");
    }

    @Test
    void acceptsOutputsDeclaredWithoutShapeOrType() throws Exception {
        byte[] graph = model(new TinyOnnx.Graph()
                .input("x", 1, null)
                .node("Neg", "x", "y")
                .node("Abs", "x", "z")
                .output("y", 1, null)
                .output(TinyOnnx.message(out -> out.writeString(1, "z"))));
        try (Session session = load(graph)) {
            Tensor pinned = Tensor.allocate(ElementType.FLOAT32, Shape.of(2));
            for (int i = 0; i < 2; i++) {
                Map<String, Tensor> outputs = session.run(Map.of("x", pair(1f, -2f)), Map.of("y", pinned), 0);
                assertThat(floatsOf(pinned)).containsExactly(-1f, 2f);
                assertThat(floatsOf(outputs.get("z"))).containsExactly(1f, 2f);
            }
            Tensor one = Tensor.ofFloats(Shape.of(), 3f);
            assertThat(floatsOf(session.run(Map.of("x", one)).get("y"))).containsExactly(-3f);
        }
    }

    @Test
    void outputShapesThatTheGraphDeclaresFalselyDoNoHarm() throws Exception {
        for (String lie : new String[] {"5", "N", "1 1", "2000000000 2000000000"}) {
            byte[] graph = model(new TinyOnnx.Graph()
                    .input("x", 1, "N")
                    .input("shape", 7, lie.contains(" ") ? "2" : "1")
                    .node("Reshape", "x shape", "y")
                    .output("y", 1, lie));
            try (Session session = load(graph)) {
                Tensor x = Tensor.ofFloats(Shape.of(6), 1, 2, 3, 4, 5, 6);
                Tensor shape = lie.contains(" ") ? Tensor.ofLongs(Shape.of(2), 2, 3) : Tensor.ofLongs(Shape.of(1), 6);
                Shape expected = lie.contains(" ") ? Shape.of(2, 3) : Shape.of(6);
                for (int i = 0; i < 3; i++) {
                    Tensor y = session.run(Map.of("x", x, "shape", shape)).get("y");
                    assertThat(y.shape()).isEqualTo(expected);
                    assertThat(floatsOf(y)).containsExactly(1, 2, 3, 4, 5, 6);
                }
            }
        }
    }

    @Test
    void inputsAndWeightsMayBeOutputsThemselves() throws Exception {
        byte[] graph = model(new TinyOnnx.Graph()
                .input("x", 1, "2")
                .initializer(floats("w", dims(2), 10f, 20f))
                .node("Add", "x w", "y")
                .output("x", 1, "2")
                .output("w", 1, "2")
                .output("y", 1, "2"));
        try (Session session = load(graph)) {
            Tensor x = pair(1f, 2f);
            Map<String, Tensor> outputs = session.run(Map.of("x", x));
            x.data().putFloat(0, -1f);
            assertThat(floatsOf(outputs.get("x"))).containsExactly(1f, 2f);
            assertThat(floatsOf(outputs.get("w"))).containsExactly(10f, 20f);
            outputs.get("w").data().putFloat(0, -1f);
            Tensor pinned = pair(0f, 0f);
            Tensor pinnedWeights = pair(0f, 0f);
            session.run(Map.of("x", x), Map.of("x", pinned, "w", pinnedWeights), 0);
            assertThat(floatsOf(pinned)).containsExactly(-1f, 2f);
            assertThat(floatsOf(pinnedWeights)).containsExactly(10f, 20f);
        }
    }

    @Test
    void writesPinnedOutputsOfNodesThatOptimizationRemoves() throws Exception {
        TinyOnnx.Graph graph = new TinyOnnx.Graph()
                .input("x", 1, "2")
                .input("flag", 9, "")
                .initializer(floats("w", dims(2), 10f, 20f))
                .initializer(TinyOnnx.longs("two", dims(1), 2))
                .node("Identity", "w", "folded")
                .node("Neg", "w", "folded2")
                .node("Identity", "x", "same")
                .node("Identity", "same", "same2")
                .node("Dropout", "x", "undropped")
                .node("Cast", "x", "uncast", TinyOnnx.intAttribute("to", 1))
                .node("Reshape", "x two", "reshaped")
                .node("Reshape", "w two", "reshaped2")
                .node("Neg", "x", "negative")
                .node("Identity", "negative", "negative2")
                .node("Neg", "negative", "positive")
                .node("Neg", "negative", "positive2");
        String[] expected = {
            "folded=10,20", "folded2=-10,-20", "same=1,2", "same2=1,2", "undropped=1,2", "uncast=1,2", "reshaped=1,2",
            "reshaped2=10,20", "negative=-1,-2", "negative2=-1,-2", "positive=1,2", "positive2=1,2", "x=1,2", "w=10,20"
        };
        for (String output : expected) {
            graph.output(output.substring(0, output.indexOf('=')), 1, "2");
        }
        try (Session session = load(model(graph))) {
            Map<String, Tensor> inputs =
                    Map.of("x", pair(1f, 2f), "flag", Tensor.ofBytes(ElementType.BOOL, Shape.of(), (byte) 1));
            Map<String, Tensor> pinned = new HashMap<>();
            for (TensorSpec output : session.outputs()) {
                pinned.put(output.name(), pair(Float.NaN, Float.NaN));
            }
            for (Map<String, Tensor> outputs :
                    List.of(session.run(inputs), session.run(inputs, pinned, 0), session.run(inputs))) {
                for (String output : expected) {
                    float[] values = floatsOf(outputs.get(output.substring(0, output.indexOf('='))));
                    assertThat(output).endsWith("=" + (int) values[0] + "," + (int) values[1]);
                }
            }
        }
    }

    @Test
    void aGraphMayHaveNoInputs() throws Exception {
        byte[] graph = model(new TinyOnnx.Graph()
                .initializer(floats("w", dims(2), 10f, 20f))
                .node("Neg", "w", "y")
                .output("y", 1, "2"));
        try (Session session = load(graph)) {
            assertThat(session.inputs()).isEmpty();
            assertThat(floatsOf(session.run(Map.of()).get("y"))).containsExactly(-10f, -20f);
        }
    }

    @Test
    void aFailedRunIsOneLineAndLeavesTheSessionUsable() throws Exception {
        byte[] graph = model(new TinyOnnx.Graph()
                .input("table", 1, "2")
                .input("index", 7, "1")
                .node("Gather", "table index", "y")
                .output("y", 1, "1"));
        try (Session session = load(graph)) {
            Map<String, Tensor> bad = Map.of("table", pair(5f, 6f), "index", Tensor.ofLongs(Shape.of(1), 9));
            Map<String, Tensor> good = Map.of("table", pair(5f, 6f), "index", Tensor.ofLongs(Shape.of(1), 1));
            for (int i = 0; i < 3; i++) {
                assertThatThrownBy(() -> session.run(bad))
                        .isInstanceOf(EngineException.class)
                        .hasMessageStartingWith("test.onnx: ")
                        .hasMessageContaining("Gather")
                        .hasMessageNotContaining("\n");
                assertThat(floatsOf(session.run(good).get("y"))).containsExactly(6f);
            }
        }
    }

    @Test
    void aProviderThatThisBuildLacksIsRefusedWithTheReason() throws Exception {
        SessionOptions options = SessionOptions.defaults().withProviders(List.of("directml", "cpu", "never-tried"));
        try (Session session = engine.load(new GraphSource("test.onnx", negation()), options)) {
            assertThat(session.provider()).isEqualTo("cpu");
            assertThat(session.refusedProviders()).hasSize(1);
            assertThat(session.refusedProviders().get(0)).matches("directml: .{10,}");
        }
    }

    @Test
    void takesEverySessionOption() throws Exception {
        SessionOptions options =
                SessionOptions.defaults().withThreads(2).withSpinning(true).withOptimized(false);
        try (Session session = engine.load(new GraphSource("test.onnx", negation()), options)) {
            assertThat(floatsOf(session.run(Map.of("x", pair(1f, 2f))).get("y")))
                    .containsExactly(-1f, -2f);
        }
    }

    @Test
    void closingWhileRunsAreInProgressLetsThemFinish() throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(3);
        try {
            for (int round = 0; round < 100; round++) {
                Session session = load(negation());
                CyclicBarrier start = new CyclicBarrier(4);
                List<Future<?>> done = new ArrayList<>();
                for (int thread = 0; thread < 3; thread++) {
                    done.add(threads.submit(() -> {
                        start.await();
                        runUntilRefused(session);
                        return null;
                    }));
                }
                start.await();
                session.close();
                for (Future<?> future : done) {
                    future.get();
                }
            }
        } finally {
            threads.shutdownNow();
        }
    }

    @Test
    void everyNativeTensorOfARunIsClosedAfterIt() throws Exception {
        OrtEnvironment environment = OrtEnvironment.getEnvironment();
        List<OnnxTensor> wrapped = new ArrayList<>();
        try (UnsignedTensors unsigned = new UnsignedTensors(environment);
                NativeTensors tensors = new NativeTensors(environment, unsigned)) {
            wrapped.add(tensors.wrapInput(pair(1f, 2f)));
            wrapped.add(tensors.wrapOutput(pair(1f, 2f)));
            wrapped.add(tensors.wrapInput(Tensor.allocate(ElementType.UINT32, Shape.of(3))));
            assertThat(wrapped).noneMatch(OnnxTensor::isClosed);
        }
        assertThat(wrapped).allMatch(OnnxTensor::isClosed);
    }

    private static void runUntilRefused(Session session) {
        while (true) {
            try {
                assertThat(floatsOf(session.run(Map.of("x", pair(1f, 2f))).get("y")))
                        .containsExactly(-1f, -2f);
            } catch (EngineException e) {
                assertThat(e).hasMessage("test.onnx: session is closed");
                return;
            }
        }
    }

    private void assertRefused(TinyOnnx.Graph graph, String expected) {
        assertThatThrownBy(() -> load(model(graph)))
                .isInstanceOf(EngineException.class)
                .hasMessageStartingWith("test.onnx: ")
                .hasMessageContaining(expected)
                .hasMessageNotContaining("\n");
    }

    private static byte[] negation() {
        return model(
                new TinyOnnx.Graph().input("x", 1, "N").node("Neg", "x", "y").output("y", 1, "N"));
    }

    private Session load(byte[] graph) throws EngineException {
        return engine.load(new GraphSource("test.onnx", graph), SessionOptions.defaults());
    }

    private static Tensor pair(float first, float second) {
        return Tensor.ofFloats(Shape.of(2), first, second);
    }

    private static float[] floatsOf(Tensor tensor) {
        float[] values = new float[tensor.elements()];
        tensor.data().asFloatBuffer().get(values);
        return values;
    }
}
