package dev.cleave.partition.shape;

import dev.cleave.engine.Engine;
import dev.cleave.engine.EngineException;
import dev.cleave.engine.RunTimeoutException;
import dev.cleave.engine.Session;
import dev.cleave.partition.graph.Dataflow;
import dev.cleave.partition.graph.Graph;
import dev.cleave.partition.graph.GraphNode;
import dev.cleave.partition.graph.ModelException;
import dev.cleave.partition.graph.TensorFacts;
import dev.cleave.partition.graph.Value;
import dev.cleave.tensor.ElementType;
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

/** One graph, loaded for runs that tell the sizes of its tensors. Owns a session and temporary files. */
final class GraphProbe implements AutoCloseable {
    /** Tried in turn for open dimensions of which no size is given: many networks do not accept the smallest. */
    private static final long[] SIZES = {1, 2, 8, 16, 32, 64, 128, 224, 256, 320, 512, 576, 640, 1024};

    private static final Set<String> WEIGHTED = Set.of("Conv", "ConvTranspose", "Gemm", "MatMul", "LSTM", "GRU", "RNN");

    private final Dataflow flow;
    private final ProbeSettings settings;
    private final InputDeclarations inputs;
    private final Scratch scratch;
    private final TypeProbe.Types types;
    private final SizeProbe sizes;

    GraphProbe(Graph graph, Engine engine, ProbeSettings settings) throws IOException, EngineException {
        this.flow = new Dataflow(graph);
        this.settings = settings;
        this.inputs = InputDeclarations.of(graph, settings.samples());
        this.scratch = new Scratch(graph, new TensorFacts(inputs.specs(), Map.of(), Map.of()), engine);
        try {
            requireLoadable();
            this.types = TypeProbe.of(scratch, crossing());
            requireOutputs();
            List<String> sized = new ArrayList<>(types.specs().keySet());
            sized.addAll(computedWeights());
            this.sizes = new SizeProbe(scratch, sized, settings.runLimit());
        } catch (IOException | EngineException | RuntimeException failure) {
            scratch.close();
            throw failure;
        }
    }

    Dataflow flow() {
        return flow;
    }

    InputDeclarations inputs() {
        return inputs;
    }

    TypeProbe.Types types() {
        return types;
    }

    Scratch scratch() {
        return scratch;
    }

    private void requireLoadable() throws IOException, EngineException {
        scratch.load(scratch.between(flow.graph().outputs().keySet()).build(), false)
                .close();
    }

    private void requireOutputs() throws ModelException {
        for (String output : flow.graph().outputs().keySet()) {
            if (types.refused().containsKey(output)) {
                throw new ModelException("model " + flow.graph().model().file() + ": "
                        + types.refused().get(output));
            }
        }
    }

    /** What may cross a boundary or is an output; inputs excepted, their types are known. */
    private List<String> crossing() {
        Graph graph = flow.graph();
        Set<String> crossing = new LinkedHashSet<>();
        for (String carrier : flow.carriers()) {
            Value value = graph.value(carrier);
            if (value.producer() >= 0 && value.consumers().stream().anyMatch(flow::isLive)) {
                crossing.add(carrier);
            }
        }
        crossing.addAll(graph.outputs().keySet());
        crossing.removeAll(graph.inputs().keySet());
        return new ArrayList<>(crossing);
    }

    /** Weights that nodes make, whose sizes tell how much their readers compute. */
    private Set<String> computedWeights() {
        Set<String> weights = new LinkedHashSet<>();
        for (GraphNode node : flow.graph().nodes()) {
            if (flow.isLive(node.index()) && WEIGHTED.contains(node.op())) {
                for (String input : node.inputs()) {
                    Value value = flow.graph().value(input);
                    if (value != null && value.constant() && value.producer() >= 0) {
                        weights.add(input);
                    }
                }
            }
        }
        weights.removeAll(types.specs().keySet());
        return weights;
    }

    /** Sizes for every open axis with which the graph runs. */
    Map<OpenAxis, Long> findSizes() throws EngineException {
        EngineException first = null;
        for (long size : SIZES) {
            Map<OpenAxis, Long> attempt = sizesOf(size);
            try {
                sizes.run(random(settings.seed()).next(elementTypes(), shapes(attempt)));
                return attempt;
            } catch (RunTimeoutException late) {
                throw late;
            } catch (EngineException failure) {
                first = first == null ? failure : first;
            }
            if (attempt.equals(sizesOf(0))) {
                break;
            }
        }
        throw first;
    }

    /** The given sizes, samples' sizes, 1 for rows; for the rest {@code size}. */
    private Map<OpenAxis, Long> sizesOf(long size) {
        Map<OpenAxis, Long> chosen = new LinkedHashMap<>();
        for (OpenAxis axis : inputs.openAxes()) {
            Tensor sample = settings.samples().get(axis.input());
            Long given = settings.dims().get(axis.key());
            if (given == null && sample != null && axis.axis() < sample.shape().rank()) {
                given = sample.shape().dim(axis.axis());
            }
            chosen.put(axis, given != null ? given : axis.axis() == 0 && size > 0 ? 1 : size);
        }
        return chosen;
    }

    /** Shapes of the inputs with these sizes; axes that are missing are 1. */
    Map<String, Shape> shapes(Map<OpenAxis, Long> chosen) {
        Map<String, Shape> shapes = new LinkedHashMap<>();
        inputs.specs().forEach((name, spec) -> shapes.put(name, spec.shape()));
        for (OpenAxis axis : inputs.openAxes()) {
            shapes.compute(axis.input(), (name, shape) -> shape.withDim(axis.axis(), chosen.getOrDefault(axis, 1L)));
        }
        return shapes;
    }

    Map<String, ElementType> elementTypes() {
        Map<String, ElementType> elementTypes = new LinkedHashMap<>();
        inputs.specs().forEach((name, spec) -> elementTypes.put(name, spec.type()));
        return elementTypes;
    }

    RandomInputs random(long seed) {
        return new RandomInputs(flow.graph(), seed, settings.samples());
    }

    /** Runs on random inputs of these shapes; gives the shape of every tensor. */
    Map<String, Shape> run(Map<String, Shape> shapes, long seed) throws EngineException {
        return sizes.run(random(seed).next(elementTypes(), shapes));
    }

    /** A session that makes these tensors, optimised as in use. */
    Session load(List<String> outputs) throws IOException, EngineException {
        return scratch.load(scratch.between(outputs).build(), true);
    }

    /** Element type of a tensor, and its shape as far as the engine infers it; null if not known. */
    TensorSpec inferred(String name) {
        return inputs.specs().containsKey(name)
                ? inputs.specs().get(name)
                : types.specs().get(name);
    }

    @Override
    public void close() throws IOException {
        sizes.close();
        scratch.close();
    }
}
