package dev.cleave.segment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.cleave.bundle.Bundle;
import dev.cleave.bundle.BundleException;
import dev.cleave.bundle.BundleWriter;
import dev.cleave.bundle.TinyBundle;
import dev.cleave.bundle.View;
import dev.cleave.engine.Engine;
import dev.cleave.engine.EngineException;
import dev.cleave.engine.GraphFormat;
import dev.cleave.engine.GraphSource;
import dev.cleave.engine.RunTimeoutException;
import dev.cleave.engine.Session;
import dev.cleave.engine.SessionOptions;
import dev.cleave.tensor.ElementType;
import dev.cleave.tensor.Shape;
import dev.cleave.tensor.Tensor;
import dev.cleave.tensor.TensorSpec;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** On {@link TinyBundle}: x -> h -> (g, early) -> with the mask, y. */
class SegmentChainTest {
    private static final Shape ROWS_MASK = Shape.of(2, 5);
    private static final long SEGMENT_NANOS = 10;

    @TempDir
    Path folder;

    private final AtomicLong clock = new AtomicLong(Long.MAX_VALUE - 5);
    private final RecordingEngine engine = new RecordingEngine();
    private Bundle bundle;

    @BeforeEach
    void open() throws IOException {
        bundle = Bundle.open(TinyBundle.writeTo(folder));
    }

    private SegmentChain load(String precision, int from, int to) throws EngineException, IOException {
        return SegmentChain.load(bundle, engine, SessionOptions.defaults(), precision, from, to, clock::get);
    }

    private static Map<String, Tensor> inputs() {
        Map<String, Tensor> live = new LinkedHashMap<>();
        live.put("x", Tensor.allocate(ElementType.FLOAT32, Shape.of(2, 4)));
        live.put("mask", Tensor.allocate(ElementType.INT32, ROWS_MASK));
        return live;
    }

    @Test
    void runsFromInputsToOutputs() throws Exception {
        try (SegmentChain chain = load("fp32", 0, 3)) {
            assertThat(chain.from()).isZero();
            assertThat(chain.to()).isEqualTo(3);
            assertThat(chain.run(0, 3, inputs(), 0)).containsOnlyKeys("early", "y");
        }
        assertThat(engine.runs).containsExactly("segment-0[x]", "segment-1[h]", "segment-2[g, mask]");
    }

    @Test
    void carriesWhatASegmentDoesNotRead() throws Exception {
        try (SegmentChain chain = load("fp32", 0, 3)) {
            Map<String, Tensor> inputs = inputs();
            Map<String, Tensor> first = chain.run(0, 1, inputs, 0);
            assertThat(first).containsOnlyKeys("h", "mask");
            assertThat(first.get("mask")).isSameAs(inputs.get("mask"));
            Map<String, Tensor> second = chain.run(1, 2, first, 0);
            assertThat(second).containsOnlyKeys("g", "mask", "early");
            Map<String, Tensor> outputs = chain.run(2, 3, second, 0);
            assertThat(outputs.keySet()).containsExactly("early", "y");
            assertThat(outputs.get("early")).isSameAs(second.get("early"));
        }
    }

    @Test
    void answersWithTheOutputsThatAreKnown() throws Exception {
        try (SegmentChain chain = load("fp32", 2, 3)) {
            Map<String, Tensor> received = new LinkedHashMap<>();
            received.put("g", Tensor.allocate(ElementType.FLOAT32, Shape.of(2, 3)));
            received.put("mask", Tensor.allocate(ElementType.INT32, ROWS_MASK));
            assertThat(chain.run(2, 3, received, 0)).containsOnlyKeys("y");
        }
    }

    @Test
    void integerSegmentsExchangeTheIntegerForm() throws Exception {
        engine.replace("segment-1", new Fake(Arrays.asList("h"), Arrays.asList("early", "g8")));
        try (SegmentChain chain = load("int8", 0, 2)) {
            Map<String, Tensor> crossing = chain.run(0, 2, inputs(), 0);
            assertThat(crossing.get("g").type()).isEqualTo(ElementType.UINT8);
        }
    }

    @Test
    void givesBackWhatNoLaterSegmentReadsAndNothingElse() throws Exception {
        try (SegmentChain chain = load("fp32", 0, 3)) {
            chain.run(0, 3, inputs(), 0);
            assertThat(engine.recycled).containsExactly("segment-0: h", "segment-1: g");
            engine.recycled.clear();

            Map<String, Tensor> first = chain.run(0, 1, inputs(), 0);
            assertThat(engine.recycled).as("the caller has h").isEmpty();
            chain.run(1, 3, first, 0);
            assertThat(engine.recycled).as("h is the caller's").containsExactly("segment-1: g");
        }
    }

    @Test
    void whoWatchesARunMayEndItBetweenSegments() throws Exception {
        List<String> seen = new ArrayList<>();
        SegmentChain.Watch untilTwo = new SegmentChain.Watch() {
            @Override
            public boolean mayBegin(int segment) {
                seen.add("begin " + segment);
                return segment < 2;
            }

            @Override
            public void ended(int segment) {
                seen.add("end " + segment);
            }
        };
        try (SegmentChain chain = load("fp32", 0, 3)) {
            assertThat(chain.run(0, 3, inputs(), 0, untilTwo)).isNull();
        }
        assertThat(seen).containsExactly("begin 0", "end 0", "begin 1", "end 1", "begin 2");
        assertThat(engine.runs).containsExactly("segment-0[x]", "segment-1[h]");
    }

    @Test
    void runsNothingBetweenAPointAndItself() throws Exception {
        try (SegmentChain chain = load("fp32", 0, 1)) {
            assertThat(chain.run(0, 0, inputs(), 0)).containsOnlyKeys("x", "mask");
        }
        assertThat(engine.runs).isEmpty();
    }

    @Test
    void namesATensorThatIsMissingAndThePoint() throws Exception {
        try (SegmentChain chain = load("fp32", 0, 3)) {
            Map<String, Tensor> live = inputs();
            live.remove("mask");
            assertThatExceptionOfType(EngineException.class)
                    .isThrownBy(() -> chain.run(0, 3, live, 0))
                    .withMessage("point 0: tensor \"mask\" is missing");
        }
    }

    @Test
    void namesATensorThatDoesNotFitTheContract() throws Exception {
        try (SegmentChain chain = load("fp32", 0, 3)) {
            Map<String, Tensor> live = inputs();
            live.put("x", Tensor.allocate(ElementType.FLOAT32, Shape.of(2, 5)));
            assertThatExceptionOfType(EngineException.class)
                    .isThrownBy(() -> chain.run(0, 3, live, 0))
                    .withMessage("point 0: tensor \"x\" has shape [2,5]; expected [N,4]");
        }
    }

    @Test
    void namesATensorThatASegmentDidNotMake() throws Exception {
        engine.replace("segment-0", new Fake(Arrays.asList("x"), Arrays.asList()));
        try (SegmentChain chain = load("fp32", 0, 3)) {
            assertThatExceptionOfType(EngineException.class)
                    .isThrownBy(() -> chain.run(0, 3, inputs(), 0))
                    .withMessage("point 1: tensor \"h\" is missing");
        }
    }

    @Test
    void namesATensorThatASegmentReadsThoughItDoesNotCross() throws Exception {
        engine.replace("segment-1", new Fake(Arrays.asList("h", "x"), Arrays.asList("early", "g")));
        try (SegmentChain chain = load("fp32", 0, 3)) {
            assertThatExceptionOfType(EngineException.class)
                    .isThrownBy(() -> chain.run(0, 3, inputs(), 0))
                    .withMessageContaining("segment-1 reads tensor \"x\", which does not cross point 1");
        }
    }

    @Test
    void segmentsShareTheTimeAcrossAWrappingClock() throws Exception {
        try (SegmentChain chain = load("fp32", 0, 3)) {
            chain.run(0, 3, inputs(), 25);
        }
        assertThat(engine.timeouts).containsExactly(25L, 15L, 5L);
    }

    @Test
    void beginsNoSegmentWhenTheTimeIsUp() throws Exception {
        try (SegmentChain chain = load("fp32", 0, 3)) {
            assertThatExceptionOfType(RunTimeoutException.class)
                    .isThrownBy(() -> chain.run(0, 3, inputs(), 20))
                    .withMessageContaining("segment-2 was not begun: 20 ns were up before it");
        }
        assertThat(engine.timeouts).containsExactly(20L, 10L);
    }

    @Test
    void withoutALimitNoSegmentHasOne() throws Exception {
        try (SegmentChain chain = load("fp32", 0, 3)) {
            chain.run(0, 3, inputs(), 0);
        }
        assertThat(engine.timeouts).containsExactly(0L, 0L, 0L);
    }

    @Test
    void tellsProvidersOnceForAllSegments() throws Exception {
        try (SegmentChain chain = load("fp32", 0, 3)) {
            assertThat(chain.provider()).isEqualTo("cpu");
            assertThat(chain.refusedProviders()).containsExactly("cuda: not in this build");
        }
    }

    @Test
    void closesEverySessionAndMayBeClosedTwice() throws Exception {
        SegmentChain chain = load("fp32", 1, 3);
        chain.close();
        chain.close();
        assertThat(engine.open()).isEmpty();
        assertThat(engine.loaded).hasSize(2);
    }

    @Test
    void aFailedLoadClosesWhatItOpened() {
        engine.refuse = "segment-2";
        assertThatExceptionOfType(EngineException.class)
                .isThrownBy(() -> load("fp32", 0, 3))
                .withMessageContaining("refused");
        assertThat(engine.loaded).hasSize(2);
        assertThat(engine.open()).isEmpty();
    }

    @Test
    void aViewWithoutTheSegmentIsRefusedByName() throws Exception {
        Path edge = folder.resolve("edge.cleave");
        BundleWriter.writeView(bundle, View.EDGE, 1, edge);
        bundle = Bundle.open(edge);
        assertThatExceptionOfType(BundleException.class)
                .isThrownBy(() -> load("fp32", 0, 2))
                .withMessageContaining("holds no \"graphs/fp32/segment-1.onnx\"");
        assertThat(engine.open()).isEmpty();
    }

    @Test
    void runsTheFormOfEachSegmentThatTheEngineReads() throws Exception {
        bundle = Bundle.open(TinyBundle.writeWithForms(folder, "int8", 2));
        engine.format = GraphFormat.TFLITE;
        engine.replace("segment-1", new Fake(Arrays.asList("h"), Arrays.asList("early", "g8")));
        try (SegmentChain chain = load("int8", 0, 2)) {
            assertThat(chain.run(0, 2, inputs(), 0).get("g").type()).isEqualTo(ElementType.UINT8);
        }
        assertThat(engine.runs).containsExactly("segment-0[x]", "segment-1[h]");
        assertThatExceptionOfType(BundleException.class)
                .isThrownBy(() -> load("int8", 0, 3))
                .withMessageContaining("holds no \"graphs/int8/segment-2.tflite\"")
                .withMessageContaining(".tflite heads through point 2 of 3");
        assertThat(engine.open()).isEmpty();
    }

    @Test
    void refusesRangesThatItDoesNotCover() throws Exception {
        assertThatIllegalArgumentException().isThrownBy(() -> load("fp32", 1, 1));
        assertThatIllegalArgumentException().isThrownBy(() -> load("fp32", 0, 4));
        try (SegmentChain chain = load("fp32", 1, 2)) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> chain.run(0, 2, inputs(), 0))
                    .withMessage("segments from point 0 to 2; expected a range within 1 to 2");
            assertThatIllegalArgumentException().isThrownBy(() -> chain.run(2, 1, inputs(), 0));
        }
    }

    /** What a graph of that name reads and makes. */
    private record Fake(List<String> inputs, List<String> outputs) {}

    private static TensorSpec spec(String name) {
        switch (name) {
            case "x":
                return new TensorSpec(name, ElementType.FLOAT32, Shape.of(Shape.DYNAMIC, 4));
            case "mask":
                return new TensorSpec(name, ElementType.INT32, Shape.of(Shape.DYNAMIC, Shape.DYNAMIC));
            case "h":
                return new TensorSpec(name, ElementType.FLOAT32, Shape.of(Shape.DYNAMIC, 3, 2));
            case "g":
                return new TensorSpec(name, ElementType.FLOAT32, Shape.of(Shape.DYNAMIC, 3));
            case "g8":
                return new TensorSpec("g", ElementType.UINT8, Shape.of(Shape.DYNAMIC, 3));
            case "early":
                return new TensorSpec(name, ElementType.FLOAT32, Shape.of(Shape.DYNAMIC, 1));
            default:
                return new TensorSpec(name, ElementType.FLOAT32, Shape.of(Shape.DYNAMIC, 2));
        }
    }

    /** Makes zeros of the right shapes, notes what is run and lets the clock go on. */
    private final class RecordingEngine implements Engine {
        final List<RecordingSession> loaded = new ArrayList<>();
        final List<String> runs = new ArrayList<>();
        final List<Long> timeouts = new ArrayList<>();
        final List<String> recycled = new ArrayList<>();
        String refuse = "";
        GraphFormat format = GraphFormat.ONNX;
        private final Map<String, Fake> graphs = new LinkedHashMap<>();

        RecordingEngine() {
            graphs.put("segment-0", new Fake(Arrays.asList("x"), Arrays.asList("h")));
            graphs.put("segment-1", new Fake(Arrays.asList("h"), Arrays.asList("early", "g")));
            graphs.put("segment-2", new Fake(Arrays.asList("g", "mask"), Arrays.asList("y")));
        }

        void replace(String graph, Fake fake) {
            graphs.put(graph, fake);
        }

        List<RecordingSession> open() {
            return loaded.stream().filter(session -> !session.closed).toList();
        }

        @Override
        public String name() {
            return "recording";
        }

        @Override
        public GraphFormat format() {
            return format;
        }

        @Override
        public String version() {
            return "1";
        }

        @Override
        public Session load(GraphSource source, SessionOptions options) throws EngineException {
            String graph = source.label().replaceAll(".*/(.*)\\." + format.extension(), "$1");
            if (graph.equals(refuse)) {
                throw new EngineException(source.label() + " is refused");
            }
            loaded.add(new RecordingSession(graph, graphs.get(graph)));
            return loaded.get(loaded.size() - 1);
        }

        @Override
        public void close() {}
    }

    private final class RecordingSession implements Session {
        private final String graph;
        private final Fake fake;
        private boolean closed;

        RecordingSession(String graph, Fake fake) {
            this.graph = graph;
            this.fake = fake;
        }

        @Override
        public List<TensorSpec> inputs() {
            return fake.inputs().stream().map(SegmentChainTest::spec).toList();
        }

        @Override
        public List<TensorSpec> outputs() {
            return fake.outputs().stream().map(SegmentChainTest::spec).toList();
        }

        @Override
        public String provider() {
            return "cpu";
        }

        @Override
        public List<String> refusedProviders() {
            return Arrays.asList("cuda: not in this build");
        }

        @Override
        public Map<String, Tensor> run(Map<String, Tensor> inputs, Map<String, Tensor> pinned, long timeoutNanos) {
            assertThat(closed).isFalse();
            engine.runs.add(graph + inputs.keySet());
            engine.timeouts.add(timeoutNanos);
            clock.addAndGet(SEGMENT_NANOS);
            Map<String, Tensor> made = new LinkedHashMap<>();
            for (TensorSpec output : outputs()) {
                made.put(
                        output.name(),
                        Tensor.allocate(output.type(), output.shape().withDim(0, 2)));
            }
            return made;
        }

        @Override
        public void recycle(String output, Tensor tensor) {
            engine.recycled.add(graph + ": " + output);
        }

        @Override
        public void close() {
            closed = true;
        }
    }
}
