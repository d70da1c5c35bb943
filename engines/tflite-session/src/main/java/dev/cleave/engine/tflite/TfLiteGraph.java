package dev.cleave.engine.tflite;

import dev.cleave.engine.EngineException;
import dev.cleave.engine.GraphSource;
import dev.cleave.tensor.ElementType;
import dev.cleave.tensor.Shape;
import dev.cleave.tensor.TensorSpec;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * What a session knows of a TensorFlow Lite graph before it is loaded: its inputs and outputs as the file declares them.
 *
 * <p>Reading one is also a check. TensorFlow Lite's own verifier makes sure that every offset of the file stays inside it;
 * what it does not look at, and what then ends the process instead of a run, is refused here.
 *
 * @param inputs in the graph's order; dimensions that the file leaves open are {@code DYNAMIC}
 * @param outputs in the graph's order
 * @param stateful whether it has variables, which must be reset before every run
 */
public record TfLiteGraph(List<TensorSpec> inputs, List<TensorSpec> outputs, boolean stateful) {
    private static final byte[] IDENTIFIER = {'T', 'F', 'L', '3'};
    private static final int IDENTIFIER_AT = 4;
    private static final int LEAST_BYTES = 16;
    private static final int VERSION = 3;
    private static final int MAX_SUBGRAPHS = 1000;

    private static final int MODEL_VERSION = 0;
    private static final int MODEL_OPERATOR_CODES = 1;
    private static final int MODEL_SUBGRAPHS = 2;
    private static final int MODEL_BUFFERS = 4;
    private static final int BUFFER_OFFSET = 1;
    private static final int BUFFER_SIZE = 2;
    private static final int SUBGRAPH_TENSORS = 0;
    private static final int SUBGRAPH_OPERATORS = 3;
    private static final int SUBGRAPH_INPUTS = 1;
    private static final int SUBGRAPH_OUTPUTS = 2;

    /**
     * Reads and checks a graph.
     *
     * @param types those that the engine's tensors can have
     * @throws EngineException in one line that begins with the graph's label
     */
    public static TfLiteGraph read(GraphSource source, Set<ElementType> types) throws EngineException {
        byte[] file = source.graph();
        if (!hasIdentifier(file)) {
            throw new EngineException(source.label() + ": no TensorFlow Lite graph; expected bytes 4 to 7 to be TFL3");
        }
        if (!source.weights().isEmpty() || !source.held().isEmpty()) {
            throw new EngineException(
                    source.label() + ": has weights outside the graph; expected all of them inside a .tflite file");
        }
        try {
            return read(FlatTable.root(file), types);
        } catch (MalformedGraphException e) {
            throw new EngineException(source.label() + ": " + e.getMessage(), e);
        } catch (IndexOutOfBoundsException | NegativeArraySizeException e) {
            throw new EngineException(source.label() + ": truncated or damaged TensorFlow Lite graph", e);
        }
    }

    private static boolean hasIdentifier(byte[] file) {
        if (file.length < LEAST_BYTES) {
            return false;
        }
        for (int i = 0; i < IDENTIFIER.length; i++) {
            if (file[IDENTIFIER_AT + i] != IDENTIFIER[i]) {
                return false;
            }
        }
        return true;
    }

    private static TfLiteGraph read(FlatTable model, Set<ElementType> types) throws MalformedGraphException {
        int version = model.intAt(MODEL_VERSION, 0);
        if (version != VERSION) {
            throw new MalformedGraphException("schema version " + version + "; expected " + VERSION);
        }
        List<FlatTable> subgraphs = model.tables(MODEL_SUBGRAPHS);
        if (subgraphs.isEmpty() || subgraphs.size() > MAX_SUBGRAPHS) {
            throw new MalformedGraphException(subgraphs.size() + " subgraphs; expected 1 to " + MAX_SUBGRAPHS);
        }
        List<FlatTable> buffers = model.tables(MODEL_BUFFERS);
        requireInside(buffers);
        List<FlatTable> codes = model.tables(MODEL_OPERATOR_CODES);
        List<List<GraphTensor>> tensors = new ArrayList<>();
        List<Set<Integer>> calls = new ArrayList<>();
        for (FlatTable subgraph : subgraphs) {
            tensors.add(GraphTensor.readAll(subgraph.tables(SUBGRAPH_TENSORS), buffers));
            calls.add(called(subgraph, tensors.get(tensors.size() - 1), codes));
        }
        requireEnd(calls, 0, new HashSet<>(), new HashSet<>());
        FlatTable main = subgraphs.get(0);
        return new TfLiteGraph(
                specs("input", main.ints(SUBGRAPH_INPUTS), tensors.get(0), types),
                specs("output", main.ints(SUBGRAPH_OUTPUTS), tensors.get(0), types),
                tensors.stream().flatMap(List::stream).anyMatch(GraphTensor::variable));
    }

    /** The schema lets data lie behind the flatbuffer, for files over 2 GiB: outside what the verifier sees. */
    private static void requireInside(List<FlatTable> buffers) throws MalformedGraphException {
        for (FlatTable buffer : buffers) {
            if (buffer.longAt(BUFFER_OFFSET, 0) != 0 || buffer.longAt(BUFFER_SIZE, 0) != 0) {
                throw new MalformedGraphException("a buffer lies behind the graph; expected all of them inside");
            }
        }
    }

    /** Checks a subgraph's operators; returns the subgraphs that they run. */
    private static Set<Integer> called(FlatTable subgraph, List<GraphTensor> tensors, List<FlatTable> codes)
            throws MalformedGraphException {
        OperatorCheck check = new OperatorCheck(codes, tensors, subgraph.ints(SUBGRAPH_INPUTS));
        for (FlatTable operator : subgraph.tables(SUBGRAPH_OPERATORS)) {
            check.check(operator);
        }
        check.end(subgraph.ints(SUBGRAPH_OUTPUTS));
        return check.called();
    }

    /** Subgraphs that run each other in a circle would use up the stack before any time limit. */
    private static void requireEnd(List<Set<Integer>> calls, int subgraph, Set<Integer> running, Set<Integer> ended)
            throws MalformedGraphException {
        if (subgraph < 0 || subgraph >= calls.size()) {
            throw new MalformedGraphException(
                    "an operator runs subgraph " + subgraph + "; expected one of " + calls.size());
        }
        if (ended.contains(subgraph)) {
            return;
        }
        if (!running.add(subgraph)) {
            throw new MalformedGraphException("subgraph " + subgraph + " runs itself; expected an end");
        }
        for (int callee : calls.get(subgraph)) {
            requireEnd(calls, callee, running, ended);
        }
        running.remove(subgraph);
        ended.add(subgraph);
    }

    private static List<TensorSpec> specs(String what, int[] indices, List<GraphTensor> tensors, Set<ElementType> types)
            throws MalformedGraphException {
        if (indices.length == 0) {
            throw new MalformedGraphException("no " + what + "; expected at least one");
        }
        List<TensorSpec> specs = new ArrayList<>();
        Set<String> names = new HashSet<>();
        for (int index : indices) {
            if (index < 0 || index >= tensors.size()) {
                throw new MalformedGraphException(what + " is tensor " + index + "; expected one of " + tensors.size());
            }
            GraphTensor tensor = tensors.get(index);
            if (tensor.name().isEmpty()) {
                throw new MalformedGraphException(what + " " + specs.size() + " has no name");
            }
            if (!names.add(tensor.name())) {
                throw new MalformedGraphException("two " + what + "s are called \"" + tensor.name() + "\"");
            }
            specs.add(spec(what, tensor, types));
        }
        return Collections.unmodifiableList(specs);
    }

    private static TensorSpec spec(String what, GraphTensor tensor, Set<ElementType> types)
            throws MalformedGraphException {
        ElementType type = TfLiteType.elementType(tensor.type());
        if (type == null || !types.contains(type)) {
            throw new MalformedGraphException(what + " \"" + tensor.name() + "\" is " + TfLiteType.name(tensor.type())
                    + ", which this engine does not carry; expected one of " + types);
        }
        int[] dims = tensor.signature();
        long[] sizes = new long[dims.length];
        for (int axis = 0; axis < dims.length; axis++) {
            sizes[axis] = dims[axis] < 0 ? Shape.DYNAMIC : dims[axis];
        }
        try {
            return new TensorSpec(tensor.name(), type, Shape.of(sizes));
        } catch (IllegalArgumentException e) {
            throw new MalformedGraphException(what + " \"" + tensor.name() + "\": " + e.getMessage());
        }
    }
}
