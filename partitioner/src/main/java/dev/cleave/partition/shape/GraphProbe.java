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
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * One graph, to be loaded for runs that tell the sizes of its tensors; what is not asked for is not loaded. Owns a session
 * and temporary files. One thread.
 */
final class GraphProbe implements AutoCloseable {
    /** Tried in turn for open dimensions of which no size is given: many networks do not accept the smallest. */
    private static final long[] SIZES = {1, 2, 8, 16, 32, 64, 128, 224, 256, 320, 512, 576, 640, 1024};

    private static final int MOST_SINGLE_AXES = 16;
    private static final long MOST_INPUT_BYTES = 256L << 20;

    private static final Set<String> WEIGHTED = Set.of("Conv", "ConvTranspose", "Gemm", "MatMul", "LSTM", "GRU", "RNN");

    private final Dataflow flow;
    private final ProbeSettings settings;
    private final InputDeclarations inputs;
    private final Scratch scratch;
    private TypeProbe.Types types;
    private SizeProbe sizes;

    GraphProbe(Graph graph, Engine engine, ProbeSettings settings) throws IOException, EngineException {
        this.flow = new Dataflow(graph);
        this.settings = settings;
        this.inputs = InputDeclarations.of(graph, settings.samples());
        inputs.requireFitting(settings, graph);
        this.scratch = new Scratch(graph, new TensorFacts(inputs.specs(), Map.of(), Map.of()), engine);
    }

    Dataflow flow() {
        return flow;
    }

    InputDeclarations inputs() {
        return inputs;
    }

    /**
     * Types of everything that may cross a boundary.
     *
     * @throws ModelException naming an output of the model that cannot cross
     * @throws EngineException if the engine cannot load the graph at all
     */
    TypeProbe.Types types() throws IOException, EngineException {
        if (types == null) {
            Set<String> outputs = flow.graph().outputs().keySet();
            types = TypeProbe.of(scratch, outputs, crossing());
            for (String output : outputs) {
                if (types.refused().containsKey(output)) {
                    throw new ModelException("model " + flow.graph().model().file() + ": "
                            + types.refused().get(output));
                }
            }
        }
        return types;
    }

    private SizeProbe sizes() throws IOException, EngineException {
        if (sizes == null) {
            List<String> sized = new ArrayList<>(types().specs().keySet());
            sized.addAll(computedWeights());
            sizes = new SizeProbe(scratch, sized, settings.runLimit());
        }
        return sizes;
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

    /**
     * Sizes for every open axis with which the graph runs: all alike, or one unlike the others.
     *
     * @throws ModelException if no attempt succeeds, with the first failure
     */
    Map<OpenAxis, Long> findSizes() throws IOException, EngineException {
        EngineException first = null;
        for (Map<OpenAxis, Long> attempt : attempts()) {
            requireModest(shapes(attempt));
            try {
                run(shapes(attempt), settings.seed());
                return attempt;
            } catch (RunTimeoutException late) {
                throw late;
            } catch (EngineException failure) {
                first = first == null ? failure : first;
            }
        }
        throw doesNotRun(first);
    }

    private ModelException doesNotRun(EngineException first) {
        String model = "model " + flow.graph().model().file();
        List<String> open = inputs.openAxes().stream()
                .filter(this::isFree)
                .map(OpenAxis::key)
                .distinct()
                .toList();
        // The engine's message begins with the file, which is named already.
        String reason = first.getMessage()
                .replaceFirst("^" + Pattern.quote(flow.graph().model().file() + ": "), "");
        String tried = open.isEmpty() && settings.dims().isEmpty()
                ? " does not run on random inputs"
                : open.isEmpty()
                        ? " does not run on random inputs with the sizes " + settings.dims()
                        : " does not run on random inputs of the sizes that were tried; expected the sizes of its open"
                                + " dimensions, as --dim NAME=SIZE for " + String.join(", ", open);
        return new ModelException(model + tried + " (" + reason + ")", first);
    }

    private void requireModest(Map<String, Shape> shapes) throws ModelException {
        double total = 0;
        for (Map.Entry<String, Shape> input : shapes.entrySet()) {
            double bytes = inputs.specs().get(input.getKey()).type().bytes();
            for (long dim : input.getValue().dims()) {
                bytes *= dim;
            }
            total += bytes;
            if (total > MOST_INPUT_BYTES) {
                throw new ModelException("model " + flow.graph().model().file() + ": input \"" + input.getKey()
                        + "\" has shape " + input.getValue() + "; expected inputs of at most " + MOST_INPUT_BYTES
                        + " bytes");
            }
        }
    }

    private Set<Map<OpenAxis, Long>> attempts() {
        List<OpenAxis> free = inputs.openAxes().stream().filter(this::isFree).toList();
        Set<Map<OpenAxis, Long>> attempts = new LinkedHashSet<>();
        for (long size : SIZES) {
            attempts.add(sizesWith(free, size));
        }
        for (OpenAxis axis : free.subList(0, Math.min(free.size(), MOST_SINGLE_AXES))) {
            for (long size : SIZES) {
                attempts.add(sizesWith(List.of(axis), size));
            }
        }
        return attempts;
    }

    /** Whether a size has to be found: none is given, and the axis does not count rows. */
    private boolean isFree(OpenAxis axis) {
        return given(axis) == null
                && axis.axis() > 0
                && inputs.openAxes().stream()
                        .noneMatch(other -> other.axis() == 0
                                && !axis.symbol().isEmpty()
                                && other.symbol().equals(axis.symbol()));
    }

    private Long given(OpenAxis axis) {
        Tensor sample = settings.samples().get(axis.input());
        Long given = settings.dims().get(axis.key());
        return given == null && sample != null && axis.axis() < sample.shape().rank()
                ? Long.valueOf(sample.shape().dim(axis.axis()))
                : given;
    }

    private Map<OpenAxis, Long> sizesWith(List<OpenAxis> sized, long size) {
        Map<OpenAxis, Long> sizes = new LinkedHashMap<>();
        for (OpenAxis axis : inputs.openAxes()) {
            Long given = given(axis);
            sizes.put(axis, given != null ? given : sized.contains(axis) ? size : 1L);
        }
        return sizes;
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
    Map<String, Shape> run(Map<String, Shape> shapes, long seed) throws IOException, EngineException {
        return sizes().run(random(seed).next(elementTypes(), shapes));
    }

    /** A session that makes these tensors, optimised as in use. */
    Session load(List<String> outputs) throws IOException, EngineException {
        return scratch.load(scratch.between(outputs).build(), true);
    }

    @Override
    public void close() throws IOException {
        if (sizes != null) {
            sizes.close();
        }
        scratch.close();
    }
}
