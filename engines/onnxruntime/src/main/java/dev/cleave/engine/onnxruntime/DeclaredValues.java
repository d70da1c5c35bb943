package dev.cleave.engine.onnxruntime;

import dev.cleave.engine.EngineException;
import dev.cleave.tensor.ElementType;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What a serialized ONNX model declares about its inputs and outputs, read before ONNX Runtime is asked.
 *
 * <p>Three reasons: ONNX Runtime has been seen to crash on optional and sequence inputs, so these must not reach it; its
 * Java API reports a tensor of unknown rank as a scalar; and it leaves a pinned output unwritten, without a word, if that
 * output is an input or an initializer under its own name, so that no node computes it.
 *
 * <p>Source: onnx.proto, {@code ValueInfoProto} and {@code TypeProto}.
 */
final class DeclaredValues {
    private static final String INPUT = "input";
    private static final String[] KINDS = {
        "value", "tensor", "value", "value", "sequence", "map", "value", "opaque value", "sparse tensor", "optional"
    };

    private final String label;
    private final Set<String> unranked = new HashSet<>();
    private final Set<String> given = new HashSet<>();
    private final Set<String> initializers = new HashSet<>();
    private final Map<String, long[]> inputs = new LinkedHashMap<>();

    private DeclaredValues(String label) {
        this.label = label;
    }

    /** Of no graph. */
    static DeclaredValues none() {
        return new DeclaredValues("");
    }

    /** @throws EngineException naming an input or output that is no tensor, or one of a type that cannot cross a boundary */
    static DeclaredValues read(String label, byte[] model) throws EngineException {
        DeclaredValues values = new DeclaredValues(label);
        try {
            Fields field = new Fields(model, 0, model.length);
            while (field.next()) {
                if (field.isDelimited(7)) {
                    values.readGraph(field.message());
                }
            }
        } catch (IOException e) {
            throw new EngineException(label + ": not an ONNX model (truncated, or no protobuf message)", e);
        }
        return values;
    }

    /** Whether this input or output is declared without a shape. */
    boolean isUnranked(String name) {
        return unranked.contains(name);
    }

    /**
     * Dimensions of the inputs that every run gives, by name in the graph's order; -1 for one that is open.
     *
     * @throws IllegalArgumentException naming an input of unknown rank
     */
    Map<String, long[]> rankedInputs() {
        Map<String, long[]> ranked = new LinkedHashMap<>();
        inputs.forEach((name, dims) -> {
            if (dims == null) {
                throw new IllegalArgumentException("input \"" + OneLine.of(name) + "\" has no shape; expected one");
            }
            if (!initializers.contains(name)) {
                ranked.put(name, dims);
            }
        });
        return ranked;
    }

    /** Whether a value of this name is an input or an initializer, so that no node computes it. */
    boolean isGiven(String name) {
        return given.contains(name);
    }

    private void readGraph(Fields field) throws IOException, EngineException {
        while (field.next()) {
            if (field.isDelimited(11)) {
                given.add(readValue(INPUT, field.message()));
            } else if (field.isDelimited(5)) {
                initializer(nameOf(field.message()));
            } else if (field.isDelimited(15)) {
                readSparse(field.message());
            } else if (field.isDelimited(12)) {
                readValue("output", field.message());
            }
        }
    }

    private void readSparse(Fields field) throws IOException {
        while (field.next()) {
            if (field.isDelimited(1)) {
                initializer(nameOf(field.message()));
            }
        }
    }

    private void initializer(String name) {
        given.add(name);
        initializers.add(name);
    }

    private static String nameOf(Fields tensor) throws IOException {
        String name = "";
        while (tensor.next()) {
            if (tensor.isDelimited(8)) {
                name = tensor.string();
            }
        }
        return name;
    }

    private String readValue(String what, Fields field) throws IOException, EngineException {
        String name = "";
        Fields type = null;
        while (field.next()) {
            if (field.isDelimited(1)) {
                name = field.string();
            } else if (field.isDelimited(2)) {
                type = field.message();
            }
        }
        long[] dims = null;
        while (type != null && type.next()) {
            if (type.isDelimited(1)) {
                long[] read = readTensorType(what, name, type.message());
                dims = read == null ? dims : read;
            } else if (type.isDelimited() && type.number() < KINDS.length) {
                throw new EngineException(label + ": " + what + " \"" + OneLine.of(name) + "\" is of kind "
                        + KINDS[type.number()] + "; expected a tensor");
            }
        }
        if (dims == null) {
            unranked.add(name);
        }
        if (what.equals(INPUT)) {
            inputs.put(name, dims);
        }
        return name;
    }

    /** The dimensions, or null where the rank is not told. */
    private long[] readTensorType(String what, String name, Fields field) throws IOException, EngineException {
        long[] dims = null;
        while (field.next()) {
            if (field.isVarint(1) && field.varint() != 0) {
                requireType(what, name, (int) field.varint());
            }
            if (field.isDelimited(2)) {
                dims = readShape(field.message());
            }
        }
        return dims;
    }

    private static long[] readShape(Fields shape) throws IOException {
        List<Long> dims = new ArrayList<>();
        while (shape.next()) {
            if (shape.isDelimited(1)) {
                long size = -1;
                Fields dim = shape.message();
                while (dim.next()) {
                    size = dim.isVarint(1) ? Math.max(-1, dim.varint()) : size;
                }
                dims.add(size);
            }
        }
        long[] sizes = new long[dims.size()];
        for (int axis = 0; axis < sizes.length; axis++) {
            sizes[axis] = dims.get(axis);
        }
        return sizes;
    }

    private void requireType(String what, String name, int type) throws EngineException {
        try {
            ElementType.fromOnnxCode(type);
        } catch (IllegalArgumentException e) {
            throw new EngineException(label + ": " + what + " \"" + OneLine.of(name) + "\": " + e.getMessage(), e);
        }
    }
}
