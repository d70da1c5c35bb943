package dev.cleave.partition.shape;

import dev.cleave.engine.Engine;
import dev.cleave.engine.EngineException;
import dev.cleave.engine.Session;
import dev.cleave.partition.extract.Precision;
import dev.cleave.partition.graph.Graph;
import dev.cleave.partition.graph.ModelException;
import dev.cleave.partition.graph.OnnxModel;
import dev.cleave.partition.graph.TensorFacts;
import dev.cleave.tensor.Shape;
import dev.cleave.tensor.Tensor;
import dev.cleave.tensor.TensorSpec;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Finds the types and shapes of a model's tensors by running it, and whether its rows are independent.
 *
 * <p>A dimension is open where runs of different input sizes, or of different values, showed different sizes, or where
 * it may follow from values ({@link DataDependence}); it is a batch dimension where {@link BatchProof} holds. A model
 * whose batch dimension was fixed at 1 when it was exported gets it opened if the proof holds for the opened graph;
 * otherwise it stays as it is, and the reason is kept.
 */
public final class ShapeProbe {
    private static final double TOLERANCE = 1e-4;
    private static final double HALF_TOLERANCE = 4e-3;

    private final Engine engine;
    private final ProbeSettings settings;

    public ShapeProbe(Engine engine, ProbeSettings settings) {
        this.engine = engine;
        this.settings = settings;
    }

    /** A graph that may have independent rows, and the inputs that would be joined. */
    private record Candidate(Graph graph, Set<String> inputs) {}

    /**
     * Looks into a model.
     *
     * @throws ModelException if the engine cannot load it, or run it on random inputs within the time limit; or if one
     *     of its inputs or outputs can never cross a boundary
     */
    public ProbedModel probe(OnnxModel model) throws ModelException {
        Graph graph = Graph.of(model);
        return named(model, () -> {
            try (GraphProbe plain = new GraphProbe(graph, engine, settings)) {
                Map<OpenAxis, Long> sizes = plain.findSizes();
                String reason = null;
                for (Candidate candidate : candidates(plain)) {
                    String failure = candidate.graph() == graph
                            ? whyNotBatched(plain, sizes, candidate.inputs())
                            : whyNotBatched(candidate, sizes);
                    if (failure == null) {
                        return candidate.graph() == graph
                                ? look(plain, sizes, candidate.inputs(), "")
                                : look(candidate, sizes);
                    }
                    reason = reason == null ? failure : reason;
                }
                return look(plain, sizes, Set.of(), reason == null ? "no input has a batch dimension" : reason);
            }
        });
    }

    /**
     * Checks that the rows of these tensors are independent too, which their shapes alone do not say; those that fail
     * lose their batch dimension (it becomes open).
     */
    public ProbedModel confirmRows(ProbedModel probed, List<String> tensors) throws ModelException {
        List<String> claimed = tensors.stream()
                .filter(tensor -> probed.facts().spec(tensor).shape().isBatched())
                .filter(tensor -> !probed.graph().inputs().containsKey(tensor))
                .distinct()
                .toList();
        if (claimed.isEmpty()) {
            return probed;
        }
        return named(probed.graph().model(), () -> {
            try (GraphProbe probe = new GraphProbe(probed.graph(), engine, settings);
                    Session session = probe.load(claimed)) {
                Map<String, String> failures = proof(session, probe)
                        .run(rows(probe, probe.findSizes(), probed.batchInputs()), probed.batchInputs());
                return without(failures.keySet(), probed);
            }
        });
    }

    private static ProbedModel without(Set<String> failed, ProbedModel probed) {
        TensorFacts facts = probed.facts();
        Map<String, TensorSpec> specs = new LinkedHashMap<>(facts.specs());
        failed.forEach(name -> specs.computeIfPresent(
                name,
                (key, spec) -> new TensorSpec(name, spec.type(), spec.shape().withDim(0, Shape.DYNAMIC))));
        return new ProbedModel(
                probed.flow(),
                new TensorFacts(specs, facts.seen(), facts.refused()),
                probed.batchInputs(),
                probed.batchReason());
    }

    private static List<Candidate> candidates(GraphProbe probe) throws ModelException {
        Graph graph = probe.flow().graph();
        Set<String> open = new LinkedHashSet<>();
        probe.inputs().openAxes().stream().filter(axis -> axis.axis() == 0).forEach(axis -> open.add(axis.input()));
        List<Candidate> candidates = new ArrayList<>();
        Candidate first;
        if (open.isEmpty()) {
            Set<String> fixed = new LinkedHashSet<>();
            probe.inputs().specs().values().stream()
                    .filter(spec -> spec.shape().rank() > 1 && spec.shape().dim(0) == 1)
                    .forEach(spec -> fixed.add(spec.name()));
            if (fixed.isEmpty()) {
                return candidates;
            }
            first = new Candidate(BatchRewrite.openInputs(graph, fixed), fixed);
        } else {
            first = new Candidate(graph, open);
        }
        candidates.add(first);
        Graph reshaped = BatchRewrite.openReshapes(first.graph());
        if (reshaped != null) {
            candidates.add(new Candidate(reshaped, first.inputs()));
        }
        return candidates;
    }

    private String whyNotBatched(Candidate candidate, Map<OpenAxis, Long> sizes) throws IOException {
        try (GraphProbe probe = new GraphProbe(candidate.graph(), engine, settings)) {
            return whyNotBatched(probe, sizes, candidate.inputs());
        } catch (EngineException refused) {
            return "it does not load with an open batch dimension: " + refused.getMessage();
        }
    }

    private String whyNotBatched(GraphProbe probe, Map<OpenAxis, Long> sizes, Set<String> inputs) throws IOException {
        List<String> outputs = List.copyOf(probe.flow().graph().outputs().keySet());
        try (Session session = probe.load(outputs)) {
            Map<String, String> failures = proof(session, probe).run(rows(probe, sizes, inputs), inputs);
            return failures.isEmpty() ? null : failures.values().iterator().next();
        } catch (EngineException failure) {
            return "it does not run at batch " + BatchProof.ROWS + ": " + failure.getMessage();
        }
    }

    private BatchProof proof(Session session, GraphProbe probe) throws ModelException {
        boolean half = Precision.of(probe.flow().graph()).equals("fp16");
        return new BatchProof(session, settings.runLimit(), half ? HALF_TOLERANCE : TOLERANCE);
    }

    private List<Map<String, Tensor>> rows(GraphProbe probe, Map<OpenAxis, Long> sizes, Set<String> inputs) {
        RandomInputs random = probe.random(settings.seed());
        Map<String, Shape> shapes = withRows(probe.shapes(sizes), inputs, 1);
        List<Map<String, Tensor>> rows = new ArrayList<>();
        for (int row = 0; row < BatchProof.ROWS; row++) {
            Map<String, Tensor> next = random.next(probe.elementTypes(), shapes);
            if (row > 0) {
                // What is not joined is the same for all rows.
                rows.get(0)
                        .forEach((name, tensor) ->
                                next.compute(name, (key, own) -> inputs.contains(name) ? own : tensor));
            }
            rows.add(next);
        }
        return rows;
    }

    private static Map<String, Shape> withRows(Map<String, Shape> shapes, Set<String> inputs, long rows) {
        Map<String, Shape> changed = new LinkedHashMap<>(shapes);
        inputs.forEach(input -> changed.compute(input, (name, shape) -> shape.withDim(0, rows)));
        return changed;
    }

    private ProbedModel look(Candidate candidate, Map<OpenAxis, Long> sizes) throws IOException, EngineException {
        try (GraphProbe probe = new GraphProbe(candidate.graph(), engine, settings)) {
            return look(probe, sizes, candidate.inputs(), "");
        }
    }

    private ProbedModel look(GraphProbe probe, Map<OpenAxis, Long> sizes, Set<String> batched, String reason)
            throws IOException, EngineException {
        Map<String, Shape> shapes = withRows(probe.shapes(sizes), batched, 1);
        Map<String, Shape> seen = probe.run(shapes, settings.seed());
        ShapeRuns runs = new ShapeRuns(seen);
        runs.add(probe.run(shapes, settings.seed() + 1));
        new SizeVariations(probe, sizes, batched).forEachThatRuns(settings.seed(), runs::add);
        if (!batched.isEmpty()) {
            runs.addRows(probe.run(withRows(shapes, batched, BatchProof.ROWS), settings.seed()), BatchProof.ROWS);
        }
        return new ProbedModel(probe.flow(), runs.facts(probe), batched, reason);
    }

    /** A step that asks the engine. */
    private interface Step {
        ProbedModel run() throws EngineException, IOException;
    }

    private static ProbedModel named(OnnxModel model, Step step) throws ModelException {
        try {
            return step.run();
        } catch (ModelException named) {
            throw named;
        } catch (EngineException failure) {
            throw new ModelException("model " + failure.getMessage(), failure);
        } catch (IOException unreadable) {
            throw new ModelException("model " + model.file() + ": " + unreadable.getMessage(), unreadable);
        }
    }
}
