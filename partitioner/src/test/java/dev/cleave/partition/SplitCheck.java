package dev.cleave.partition;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleave.engine.Engine;
import dev.cleave.engine.EngineException;
import dev.cleave.engine.Engines;
import dev.cleave.engine.GraphSource;
import dev.cleave.engine.Session;
import dev.cleave.engine.SessionOptions;
import dev.cleave.engine.WeightsRegion;
import dev.cleave.partition.cut.Cut;
import dev.cleave.partition.cut.Ladder;
import dev.cleave.partition.cut.StatePair;
import dev.cleave.partition.extract.ExtractedModel;
import dev.cleave.partition.extract.SegmentExtractor;
import dev.cleave.partition.shape.Agreement;
import dev.cleave.partition.shape.ProbedModel;
import dev.cleave.partition.shape.RandomInputs;
import dev.cleave.tensor.ElementType;
import dev.cleave.tensor.Shape;
import dev.cleave.tensor.Tensor;
import dev.cleave.tensor.TensorSpec;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Runs the graphs of a ladder on a real engine and compares every way through them with the whole model. */
public final class SplitCheck implements AutoCloseable {
    private static final long LIMIT = Duration.ofMinutes(1).toNanos();

    private final Engine engine;
    private final Path folder;

    public SplitCheck(Path folder) throws EngineException {
        this.engine = Engines.create("onnxruntime");
        this.folder = folder;
    }

    public Engine engine() {
        return engine;
    }

    /** Checks each cut on its own: head, then tail. */
    public void checkEach(ProbedModel model, List<Cut> cuts, long rows) throws IOException, EngineException {
        for (Cut cut : cuts) {
            checkLadder(model, Ladder.of(List.of(cut)), rows);
        }
    }

    /** Checks every head with its tail, and all segments one after another, against the whole. */
    public void checkLadder(ProbedModel model, Ladder ladder, long rows) throws IOException, EngineException {
        Path weights = folder.resolve("weights.bin");
        ExtractedModel extracted = new SegmentExtractor(model.flow(), model.facts(), ladder).extract(weights);
        Map<String, Tensor> inputs = inputs(model, rows);
        Map<String, Tensor> whole = run(extracted, "whole", inputs);
        assertThat(whole.keySet())
                .containsExactlyElementsOf(model.graph().outputs().keySet());
        Map<String, Tensor> live = new LinkedHashMap<>(inputs);
        for (int segment = 0; segment <= ladder.size(); segment++) {
            live.putAll(run(extracted, "segment-" + segment, live));
            if (segment < ladder.size()) {
                Cut cut = ladder.points().get(segment);
                checkTypes(model, cut, live);
                checkHeadAndTail(model, extracted, cut, segment + 1, inputs, whole);
                live.keySet()
                        .removeIf(name -> !cut.boundary().contains(name)
                                && !cut.earlyOutputs().contains(name));
                live.putAll(stateAfter(model, cut, inputs));
            }
        }
        compare(model, "the chain of segments", live, whole);
    }

    private void checkHeadAndTail(
            ProbedModel model,
            ExtractedModel extracted,
            Cut cut,
            int point,
            Map<String, Tensor> inputs,
            Map<String, Tensor> whole)
            throws EngineException {
        Map<String, Tensor> made = new LinkedHashMap<>(inputs);
        made.putAll(run(extracted, "head-" + point, inputs));
        assertThat(made.keySet()).containsAll(cut.earlyOutputs());
        Map<String, Tensor> boundary = new LinkedHashMap<>();
        cut.boundary().forEach(name -> boundary.put(name, made.get(name)));
        boundary.putAll(stateAfter(model, cut, inputs));
        Map<String, Tensor> result = run(extracted, "tail-" + point, boundary);
        assertThat(result.keySet()).containsExactlyElementsOf(cut.lateOutputs());
        cut.earlyOutputs().forEach(name -> result.put(name, made.get(name)));
        compare(model, "the cut at " + cut.shortPoint(), result, whole);
    }

    /** State that stays after a cut, where its output is made; no other input is there unless it crosses. */
    private static Map<String, Tensor> stateAfter(ProbedModel model, Cut cut, Map<String, Tensor> inputs) {
        Map<String, Tensor> state = new LinkedHashMap<>();
        for (StatePair pair : StatePair.detect(model.graph())) {
            if (cut.lateOutputs().contains(pair.output())) {
                state.put(pair.input(), inputs.get(pair.input()));
            }
        }
        return state;
    }

    private static void checkTypes(ProbedModel model, Cut cut, Map<String, Tensor> live) {
        for (String name : cut.boundary()) {
            assertThat(model.facts().spec(name).mismatch(live.get(name))).isNull();
        }
    }

    private static void compare(
            ProbedModel model, String what, Map<String, Tensor> actual, Map<String, Tensor> expected) {
        double allowed = model.facts().specs().values().stream().anyMatch(spec -> spec.type() == ElementType.FLOAT16)
                ? 4e-3
                : 1e-4;
        expected.forEach((name, tensor) -> assertThat(Agreement.relativeError(actual.get(name), tensor))
                .as("%s of %s: output %s", what, model.graph().model().file().getFileName(), name)
                .isLessThanOrEqualTo(tensor.type().isFloating() ? allowed : 0));
    }

    private static Map<String, Tensor> inputs(ProbedModel model, long rows) {
        Map<String, ElementType> types = new LinkedHashMap<>();
        Map<String, Shape> shapes = new LinkedHashMap<>();
        for (TensorSpec input : model.inputs()) {
            Shape seen = model.facts().seen().get(input.name());
            types.put(input.name(), input.type());
            shapes.put(input.name(), input.shape().isBatched() ? seen.withDim(0, rows) : seen);
        }
        return new RandomInputs(model.graph(), 7, Map.of()).next(types, shapes);
    }

    private Map<String, Tensor> run(ExtractedModel model, String graph, Map<String, Tensor> tensors)
            throws EngineException {
        WeightsRegion weights = new WeightsRegion(model.weights(), 0, model.weightsBytes());
        GraphSource source =
                new GraphSource(graph, model.graphs().get(graph), Map.of(model.weightsLocation(), weights));
        try (Session session = engine.load(source, SessionOptions.defaults())) {
            Map<String, Tensor> given = new LinkedHashMap<>();
            for (TensorSpec input : session.inputs()) {
                assertThat(tensors).as("what %s reads", graph).containsKey(input.name());
                given.put(input.name(), tensors.get(input.name()));
            }
            return session.run(given, Map.of(), LIMIT);
        }
    }

    @Override
    public void close() {
        engine.close();
    }
}
