package dev.cleave.partition.tflite;

import dev.cleave.engine.Engine;
import dev.cleave.engine.EngineException;
import dev.cleave.engine.GraphSource;
import dev.cleave.engine.Session;
import dev.cleave.engine.SessionOptions;
import dev.cleave.onnx.GraphProto;
import dev.cleave.onnx.TensorShapeProto;
import dev.cleave.onnx.ValueInfoProto;
import dev.cleave.partition.graph.Graph;
import dev.cleave.partition.graph.ModelException;
import dev.cleave.partition.graph.Value;
import dev.cleave.partition.tflite.flat.Constant;
import dev.cleave.partition.tflite.flat.Extent;
import dev.cleave.tensor.ElementType;
import dev.cleave.tensor.Shape;
import dev.cleave.tensor.Tensor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * What the engine showed of a graph's tensors: types, sizes, and values that do not depend on the inputs' values. The
 * graph runs with one row, and with two where its batch dimension is open; what grows with them is open as well.
 */
final class Observation {
    private static final long LIMIT_NANOS = TimeUnit.MINUTES.toNanos(1);
    private static final int ROWS = 2;
    private static final Set<ElementType> TYPES = Set.of(
            ElementType.FLOAT32,
            ElementType.INT32,
            ElementType.INT64,
            ElementType.UINT8,
            ElementType.INT8,
            ElementType.BOOL);

    private final Map<String, Tensor> one;
    private final Map<String, Tensor> two;
    private final Set<String> known;

    private Observation(Map<String, Tensor> one, Map<String, Tensor> two, Set<String> known) {
        this.one = one;
        this.two = two;
        this.known = known;
    }

    /**
     * @param nodes those whose tensors are looked at
     * @param known tensors of which the values are wanted rather than the size
     */
    static Observation of(GraphSource source, Graph graph, List<SourceNode> nodes, Set<String> known, Engine engine)
            throws ModelException, UnconvertibleException {
        Map<String, ValueInfoProto> inputs = graph.inputs();
        boolean isOpen = false;
        for (ValueInfoProto input : inputs.values()) {
            isOpen |= isOpen(input);
        }
        try (Session session = engine.load(
                watching(source, graph, wanted(graph, nodes, known)),
                SessionOptions.defaults().withOptimized(false).withThreads(1))) {
            Map<String, Tensor> one = run(session, inputs, nodes, 1);
            return new Observation(one, isOpen ? run(session, inputs, nodes, ROWS) : one, known);
        } catch (EngineException failure) {
            throw new ModelException("graph " + failure.getMessage(), failure);
        }
    }

    private static Set<String> wanted(Graph graph, List<SourceNode> nodes, Set<String> known) {
        Set<String> wanted = new LinkedHashSet<>();
        for (SourceNode node : nodes) {
            wanted.addAll(node.outputs());
            for (String input : node.inputs()) {
                // What is merely unpacked is unpacked where it is needed: most of it is weights that stay integers.
                if (known.contains(input) && graph.stored(input) == null && !isUnpacked(input, graph)) {
                    wanted.add(input);
                }
            }
        }
        wanted.remove("");
        return wanted;
    }

    private static boolean isUnpacked(String tensor, Graph graph) {
        Value value = graph.value(tensor);
        return value != null
                && value.producer() >= 0
                && graph.node(value.producer()).op().equals("DequantizeLinear")
                && graph.stored(graph.node(value.producer()).inputs().get(0)) != null;
    }

    private static GraphSource watching(GraphSource source, Graph graph, Set<String> wanted) {
        GraphProto.Builder watched = graph.proto().toBuilder().clearOutput();
        wanted.forEach(name -> watched.addOutput(ValueInfoProto.newBuilder().setName(name)));
        byte[] bytes =
                graph.model().proto().toBuilder().setGraph(watched).build().toByteArray();
        return new GraphSource(source.label(), bytes, source.weights(), source.held());
    }

    private static Map<String, Tensor> run(
            Session session, Map<String, ValueInfoProto> inputs, List<SourceNode> nodes, int rows)
            throws EngineException, UnconvertibleException {
        // Zeros are legal indices; where something is divided, ones are safer.
        boolean divides = nodes.stream()
                .anyMatch(
                        node -> node.operator().equals("Div") || node.operator().equals("Mod"));
        Map<String, Tensor> made = new LinkedHashMap<>();
        for (ValueInfoProto input : inputs.values()) {
            made.put(input.getName(), input(input, rows, divides));
        }
        Map<String, Tensor> read = new LinkedHashMap<>(made);
        read.keySet()
                .retainAll(session.inputs().stream().map(spec -> spec.name()).toList());
        Map<String, Tensor> seen = new HashMap<>(session.run(read, Map.of(), LIMIT_NANOS));
        seen.putAll(made);
        return seen;
    }

    private static boolean isOpen(ValueInfoProto input) throws UnconvertibleException {
        List<TensorShapeProto.Dimension> dims = dims(input);
        for (int axis = 1; axis < dims.size(); axis++) {
            if (!dims.get(axis).hasDimValue()) {
                throw refusal(input.getName(), "axis " + axis + " is open", "no open axis but the first");
            }
        }
        return !dims.isEmpty() && !dims.get(0).hasDimValue();
    }

    private static List<TensorShapeProto.Dimension> dims(ValueInfoProto input) throws UnconvertibleException {
        if (!input.getType().hasTensorType() || !input.getType().getTensorType().hasShape()) {
            throw refusal(input.getName(), "no shape is declared", "a tensor of known rank");
        }
        return input.getType().getTensorType().getShape().getDimList();
    }

    private static Tensor input(ValueInfoProto input, int rows, boolean divides) throws UnconvertibleException {
        List<TensorShapeProto.Dimension> dims = dims(input);
        long[] sizes = new long[dims.size()];
        for (int axis = 0; axis < sizes.length; axis++) {
            sizes[axis] = dims.get(axis).hasDimValue() ? dims.get(axis).getDimValue() : rows;
        }
        Tensor tensor;
        try {
            ElementType type =
                    ElementType.fromOnnxCode(input.getType().getTensorType().getElemType());
            tensor = Tensor.allocate(type, Shape.of(sizes));
        } catch (IllegalArgumentException unfit) {
            throw refusal(input.getName(), String.valueOf(unfit.getMessage()), "a tensor that fits");
        }
        if (divides && tensor.type() == ElementType.FLOAT32) {
            ByteBuffer data = tensor.data();
            while (data.hasRemaining()) {
                data.putFloat(1);
            }
        } else if (divides) {
            ByteBuffer data = tensor.data();
            for (int i = 0; i < data.limit(); i += tensor.type().bytes()) {
                data.put(i, (byte) 1);
            }
        }
        return tensor;
    }

    private static UnconvertibleException refusal(String tensor, String found, String expected) {
        return new UnconvertibleException("", "tensor \"" + tensor + "\": " + found + "; expected " + expected);
    }

    private Tensor seen(String tensor) throws UnconvertibleException {
        Tensor seen = one.get(tensor);
        if (seen == null) {
            throw refusal(tensor, "it was not seen when the graph ran", "a tensor that nodes make");
        }
        return seen;
    }

    ElementType type(String tensor) throws UnconvertibleException {
        ElementType type = seen(tensor).type();
        if (!TYPES.contains(type)) {
            throw refusal(tensor, "its type is " + type.jsonName(), "float32, int32, int64, int8, uint8 or bool");
        }
        return type;
    }

    Extent extent(String tensor) throws UnconvertibleException {
        Shape single = seen(tensor).shape();
        Shape twice = two.get(tensor).shape();
        int[] sizes = new int[single.rank()];
        boolean[] open = new boolean[single.rank()];
        for (int axis = 0; axis < sizes.length; axis++) {
            sizes[axis] = Math.toIntExact(single.dim(axis));
            open[axis] = twice.rank() == single.rank() && twice.dim(axis) != single.dim(axis);
            if (sizes[axis] == 0) {
                throw refusal(tensor, "its shape is " + single, "sizes over 0");
            }
            if (twice.rank() != single.rank() || open[axis] && twice.dim(axis) != ROWS * single.dim(axis)) {
                throw refusal(
                        tensor,
                        "its shape is " + single + " with one row and " + twice + " with two",
                        "axes that are fixed or grow with the rows");
            }
        }
        return new Extent(sizes, open);
    }

    /** Whether the values of a tensor are known, the absent one's among them. */
    boolean isConstant(String tensor) {
        return tensor.isEmpty() || constant(tensor) != null;
    }

    /** The values of a tensor, if they are the same for every number of rows and do not depend on inputs; else null. */
    Constant constant(String tensor) {
        Tensor value = known.contains(tensor) ? one.get(tensor) : null;
        if (value == null) {
            return null;
        }
        boolean isSame = value.shape().equals(two.get(tensor).shape())
                && value.data().equals(two.get(tensor).data());
        if (!isSame) {
            return null;
        }
        int[] dims = new int[value.shape().rank()];
        for (int axis = 0; axis < dims.length; axis++) {
            dims[axis] = Math.toIntExact(value.shape().dim(axis));
        }
        return new Constant(value.type(), dims, value.data().order(ByteOrder.LITTLE_ENDIAN));
    }
}
