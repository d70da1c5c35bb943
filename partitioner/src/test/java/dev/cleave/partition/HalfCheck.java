package dev.cleave.partition;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleave.answer.Values;
import dev.cleave.engine.Engine;
import dev.cleave.engine.EngineException;
import dev.cleave.engine.Engines;
import dev.cleave.engine.GraphSource;
import dev.cleave.engine.Session;
import dev.cleave.engine.SessionOptions;
import dev.cleave.engine.WeightsRegion;
import dev.cleave.partition.cut.Cut;
import dev.cleave.partition.cut.Ladder;
import dev.cleave.partition.extract.ExtractedModel;
import dev.cleave.partition.extract.SegmentExtractor;
import dev.cleave.partition.half.HalfTails;
import dev.cleave.partition.shape.ProbeSettings;
import dev.cleave.partition.shape.ProbedModel;
import dev.cleave.partition.shape.RandomInputs;
import dev.cleave.tensor.ElementType;
import dev.cleave.tensor.Shape;
import dev.cleave.tensor.Tensor;
import dev.cleave.tensor.TensorSpec;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;

/** Runs the heads of a model in 32 bits and its tails in 16, and compares with the whole in 32. */
public final class HalfCheck implements AutoCloseable {
    private static final long LIMIT = Duration.ofMinutes(1).toNanos();

    private final Engine engine;
    private final Path folder;

    public HalfCheck(Path folder) throws EngineException {
        this.engine = Engines.create("onnxruntime");
        this.folder = folder;
    }

    public Engine engine() {
        return engine;
    }

    /** What is known of a model. */
    public ModelSummary summary(ModelBuilder model) throws Exception {
        return ModelSummary.of(model.read(folder), engine, ProbeSettings.defaults());
    }

    /** The tails of a ladder in 16 bits. */
    public HalfTails tails(ModelSummary summary, Ladder ladder) throws Exception {
        return HalfTails.extract(summary.model(), ladder, engine, folder.resolve("fp16.bin"));
    }

    /** The largest relative error of any output behind any tail, on random inputs. */
    public double worstError(ModelSummary summary, Ladder ladder, HalfTails tails) throws Exception {
        ProbedModel model = summary.model();
        return worstError(model, ladder, tails, inputs(model));
    }

    public double worstError(ProbedModel model, Ladder ladder, HalfTails tails, Map<String, Tensor> inputs)
            throws Exception {
        ExtractedModel floats =
                new SegmentExtractor(model.flow(), model.facts(), ladder).extract(folder.resolve("fp32.bin"));
        Map<String, Tensor> whole = run(floats, "whole", inputs);
        double worst = difference(run(tails.extracted(), "tail-0", inputs), whole);
        for (int point = 1; point <= ladder.size(); point++) {
            Cut cut = ladder.points().get(point - 1);
            Map<String, Tensor> live = new LinkedHashMap<>(inputs);
            live.putAll(run(floats, "head-" + point, inputs));
            Map<String, Tensor> late = run(tails.extracted(), "tail-" + point, live);
            assertThat(late.keySet()).containsExactlyElementsOf(cut.lateOutputs());
            worst = Math.max(worst, difference(late, whole));
        }
        return worst;
    }

    private static double difference(Map<String, Tensor> actual, Map<String, Tensor> expected) {
        double worst = 0;
        for (Map.Entry<String, Tensor> output : actual.entrySet()) {
            Tensor wanted = expected.get(output.getKey());
            assertThat(output.getValue().type()).isEqualTo(wanted.type());
            worst = Math.max(worst, Values.difference(output.getValue(), wanted).relative());
        }
        return worst;
    }

    private static Map<String, Tensor> inputs(ProbedModel model) {
        Map<String, ElementType> types = new LinkedHashMap<>();
        Map<String, Shape> shapes = new LinkedHashMap<>();
        for (TensorSpec input : model.inputs()) {
            types.put(input.name(), input.type());
            shapes.put(input.name(), model.facts().seen().get(input.name()));
        }
        return new RandomInputs(model.graph(), 7, Map.of()).next(types, shapes);
    }

    /** Runs one of the graphs with those of the tensors that it reads. */
    public Map<String, Tensor> run(ExtractedModel model, String graph, Map<String, Tensor> tensors)
            throws EngineException {
        WeightsRegion weights = new WeightsRegion(model.weights(), 0, model.weightsBytes());
        GraphSource source =
                new GraphSource(graph, model.graphs().get(graph), Map.of(model.weightsLocation(), weights));
        try (Session session = engine.load(source, SessionOptions.defaults())) {
            Map<String, Tensor> given = new LinkedHashMap<>();
            for (TensorSpec input : session.inputs()) {
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
