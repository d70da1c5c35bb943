package dev.cleave.partition.quantize;

import dev.cleave.onnx.AttributeProto;
import dev.cleave.onnx.GraphProto;
import dev.cleave.onnx.ModelProto;
import dev.cleave.onnx.NodeProto;
import dev.cleave.onnx.OperatorSetIdProto;
import dev.cleave.onnx.TensorProto;
import dev.cleave.partition.graph.Graph;
import dev.cleave.partition.graph.GraphNode;
import dev.cleave.partition.graph.OnnxModel;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Writes a plan as a model: QuantizeLinear behind each unit, DequantizeLinear before it, so that an engine can put its
 * integer kernels there, and any other still runs it.
 *
 * <pre>
 *   x ---> DQ --> Conv ("y/float") --> Q ---> y ---> DQ --> next        y, x: integers with the float model's names
 *   weights.int8 -> DQ -^   ^- DQ &lt;- bias.int32                       y -----> Reshape -> z: integers as they are
 * </pre>
 *
 * <p>Where a name has to stay a float tensor (inputs and outputs of the model, what a body captures), the integers are
 * called {@code NAME/quantized}. One plan is written once; one thread.
 */
final class QdqWriter {
    private static final String MICROSOFT = "com.microsoft";
    private static final Set<String> WITH_WEIGHTS = Set.of("Conv", "ConvTranspose", "Gemm");

    private final IntegerPlan plan;
    private final Graph graph;
    private final Map<String, QuantizedTensor> tensors;
    private final OperatorWeights weights;
    private final Set<String> fixed = new HashSet<>();
    private final Set<String> written = new HashSet<>();
    private final Map<String, String> names = new HashMap<>();
    private final GraphProto.Builder body;
    private final String domain;

    /**
     * @param ranges of every quantised tensor, by its name in the float model
     * @param weights of the same graph
     */
    QdqWriter(IntegerPlan plan, Map<String, Range> ranges, OperatorWeights weights) {
        this.plan = plan;
        this.weights = weights;
        this.graph = plan.graph();
        this.fixed.addAll(graph.inputs().keySet());
        this.fixed.addAll(graph.outputs().keySet());
        graph.nodes().forEach(node -> fixed.addAll(node.captures()));
        this.tensors = tensors(ranges);
        this.domain = graph.opset() < OpsetUpgrade.TARGET ? MICROSOFT : "";
        this.body = graph.proto().toBuilder().clearNode().clearInitializer().clearValueInfo();
    }

    private Map<String, QuantizedTensor> tensors(Map<String, Range> ranges) {
        Map<String, QuantizedTensor> found = new HashMap<>();
        for (String tensor : plan.quantized()) {
            String integers = fixed.contains(tensor) ? weights.free(tensor + "/quantized") : tensor;
            found.put(tensor, ranges.get(plan.root(tensor)).quantized(tensor, integers));
        }
        return found;
    }

    /** The tensors that are integers, by their names in the float model. */
    Map<String, QuantizedTensor> tensors() {
        return tensors;
    }

    OnnxModel write() {
        for (GraphNode node : graph.nodes()) {
            Unit unit = plan.units().get(node.index());
            if (unit != null) {
                writeUnit(unit);
            } else if (!plan.isAbsorbed(node)) {
                writeFloat(node);
            }
        }
        addStored();
        ModelProto source = graph.model().proto();
        ModelProto.Builder model = source.toBuilder()
                .setIrVersion(Math.max(source.getIrVersion(), Stored.IR_VERSION))
                .setProducerName("cleave")
                .setGraph(body);
        if (!domain.isEmpty()
                && source.getOpsetImportList().stream()
                        .noneMatch(set -> set.getDomain().equals(MICROSOFT))) {
            model.addOpsetImport(
                    OperatorSetIdProto.newBuilder().setDomain(MICROSOFT).setVersion(1));
        }
        return graph.model().with(model.build());
    }

    /** Stored tensors of the float graph that something still reads. */
    private void addStored() {
        Set<String> read = new HashSet<>(graph.outputs().keySet());
        body.getNodeList().forEach(node -> read.addAll(node.getInputList()));
        graph.nodes().forEach(node -> read.addAll(node.captures()));
        graph.initializers().values().stream()
                .filter(tensor -> read.contains(tensor.getName()))
                .forEach(body::addInitializer);
    }

    private void writeFloat(GraphNode node) {
        NodeProto.Builder changed = node.proto().toBuilder();
        for (int i = 0; i < changed.getInputCount(); i++) {
            String input = changed.getInput(i);
            changed.setInput(i, isShapeOfIntegers(node) ? integers(input) : forFloatReader(input));
        }
        if (isTemptingWeights(node)) {
            changed.setInput(0, dequantizedByChannel(node));
        }
        for (String captured : node.captures()) {
            forFloatReader(captured);
        }
        for (int i = 0; i < changed.getOutputCount(); i++) {
            String output = changed.getOutput(i);
            changed.setOutput(i, tensors.containsKey(output) ? original(output) : output);
        }
        body.addNode(changed);
        dequantizeOutputs(node.outputs());
    }

    private void writeUnit(Unit unit) {
        switch (unit.kind()) {
            case LINEAR, COMPUTING -> writeComputing(unit);
            case MOVING -> writeMoving(unit);
            case LIMITING -> writeLimiting(unit);
            default -> throw new IllegalStateException(unit.toString());
        }
        dequantizeOutputs(
                unit.activation() == null
                        ? unit.node().outputs()
                        : unit.activation().outputs());
    }

    private void writeComputing(Unit unit) {
        NodeProto proto = unit.node().proto();
        String output = unit.output();
        NodeProto.Builder changed = proto.toBuilder().clearInput().clearOutput();
        if (unit.kind() == Unit.Kind.LINEAR) {
            String input = unit.node().inputs().get(0);
            changed.addInput(dequantized(input));
            for (OperatorWeights.Quantized each :
                    weights.of(unit, tensors.get(input).scale())) {
                changed.addInput(dequantizedStored(each));
            }
        } else {
            for (String input : unit.node().inputs()) {
                changed.addInput(
                        graph.value(input).constant() ? dequantizedStored(weights.operand(input)) : dequantized(input));
            }
        }
        if (plan.givesFloats(unit)) {
            body.addNode(changed.addOutput(output));
            return;
        }
        body.addNode(changed.addOutput(original(output)));
        quantize(output);
    }

    private void writeMoving(Unit unit) {
        GraphNode node = unit.node();
        NodeProto.Builder changed =
                node.proto().toBuilder().setInput(0, integers(node.inputs().get(0)));
        if (node.is("Pad")) {
            changed.clearInput()
                    .addInput(integers(node.inputs().get(0)))
                    .addInput(node.inputs().get(1));
            changed.addInput(zeroPoint(node.inputs().get(0)));
            node.inputs().stream().skip(3).forEach(changed::addInput);
        }
        for (int i = 0; i < changed.getOutputCount(); i++) {
            String output = changed.getOutput(i);
            changed.setOutput(i, output.isEmpty() ? "" : tensors.get(output).integers());
        }
        body.addNode(changed);
    }

    private void writeLimiting(Unit unit) {
        GraphNode node = unit.node();
        QuantizedTensor tensor = tensors.get(node.inputs().get(0));
        float[] limits = UnitFinder.limits(graph, node);
        NodeProto.Builder clip = NodeProto.newBuilder()
                .setName(node.proto().getName())
                .setOpType("Clip")
                .addInput(integers(node.inputs().get(0)))
                .addOutput(tensors.get(unit.output()).integers());
        for (int i = 0; i < limits.length; i++) {
            String name = weights.free(unit.output() + (i == 0 ? "/lowest" : "/highest"));
            double value = Math.rint(limits[i] / (double) tensor.scale()) + tensor.zeroPoint();
            addByte(name, (int) Math.max(0, Math.min(Range.STEPS, value)));
            clip.addInput(name);
        }
        body.addNode(clip);
    }

    /** What a float node reads in a tensor's place. */
    private String forFloatReader(String tensor) {
        if (!tensors.containsKey(tensor)) {
            return tensor;
        }
        return plan.isMadeByUnit(tensor) ? dequantized(tensor) : original(tensor);
    }

    /** The float tensor before it is quantised. */
    private String original(String tensor) {
        return fixed.contains(tensor) && !plan.isMadeByUnit(tensor) ? tensor : name(tensor, "/float");
    }

    /** The integers of a tensor; made of floats where no unit made them. */
    private String integers(String tensor) {
        if (!plan.isMadeByUnit(tensor)) {
            quantize(tensor);
        }
        return tensors.get(tensor).integers();
    }

    private void quantize(String tensor) {
        String integers = tensors.get(tensor).integers();
        if (written.add(integers)) {
            body.addNode(conversion("QuantizeLinear", original(tensor), scale(tensor), zeroPoint(tensor), integers));
        }
    }

    private String dequantized(String tensor) {
        String integers = integers(tensor);
        String floats = plan.isMadeByUnit(tensor) && fixed.contains(tensor) ? tensor : name(tensor, "/dequantized");
        if (written.add(floats)) {
            body.addNode(conversion("DequantizeLinear", integers, scale(tensor), zeroPoint(tensor), floats));
        }
        return floats;
    }

    private boolean isShapeOfIntegers(GraphNode node) {
        return node.is("Shape") && plan.isMadeByUnit(node.inputs().get(0));
    }

    /**
     * Whether ONNX Runtime would quantise the float weights of this node, with a single scale: it does wherever what they
     * are multiplied with was unpacked with a single one.
     */
    private boolean isTemptingWeights(GraphNode node) {
        return WITH_WEIGHTS.contains(node.op())
                && node.inputs().size() > 1
                && graph.initializers().containsKey(node.inputs().get(1))
                && plan.isMadeByUnit(node.inputs().get(0));
    }

    /** What a node reads first, unpacked with the same scale for each of its channels. */
    private String dequantizedByChannel(GraphNode node) {
        String tensor = node.inputs().get(0);
        int channels = inputChannels(node);
        String scales = name(plan.root(tensor), "/scale/" + channels);
        String zeros = name(plan.root(tensor), "/zero/" + channels);
        QuantizedTensor quantized = tensors.get(plan.root(tensor));
        float[] scale = new float[channels];
        byte[] zero = new byte[channels];
        Arrays.fill(scale, quantized.scale());
        Arrays.fill(zero, (byte) quantized.zeroPoint());
        List<Long> dims = List.of((long) channels);
        addOnce(Stored.floats(scales, dims, scale));
        addOnce(Stored.bytes(zeros, TensorProto.DataType.UINT8_VALUE, dims, zero));
        String floats = name(tensor, "/dequantized/" + channels);
        if (written.add(floats)) {
            body.addNode(withAxis(conversion("DequantizeLinear", integers(tensor), scales, zeros, floats), 1));
        }
        return floats;
    }

    private int inputChannels(GraphNode node) {
        List<Long> dims = graph.initializers().get(node.inputs().get(1)).getDimsList();
        boolean isTransposed = Stored.integer(node.proto(), "transB", 0) != 0;
        long channels = switch (node.op()) {
            case "Conv" -> dims.get(1) * Stored.integer(node.proto(), "group", 1);
            case "Gemm" -> dims.get(isTransposed ? 1 : 0);
            default -> dims.get(0);
        };
        return Math.toIntExact(channels);
    }

    /** Those that have to be float tensors whoever reads them. */
    private void dequantizeOutputs(List<String> outputs) {
        outputs.stream()
                .filter(name -> fixed.contains(name) && plan.isMadeByUnit(name))
                .forEach(this::dequantized);
    }

    private String dequantizedStored(OperatorWeights.Quantized stored) {
        String floats = name(stored.values().getName(), "/dequantized");
        if (written.add(floats)) {
            List.of(stored.values(), stored.scales(), stored.zeroPoints()).forEach(this::addOnce);
            NodeProto node = conversion(
                    "DequantizeLinear",
                    stored.values().getName(),
                    stored.scales().getName(),
                    stored.zeroPoints().getName(),
                    floats);
            body.addNode(stored.axis() < 0 ? node : withAxis(node, stored.axis()));
        }
        return floats;
    }

    private void addOnce(TensorProto tensor) {
        if (written.add(tensor.getName())) {
            body.addInitializer(tensor);
        }
    }

    private NodeProto conversion(String op, String from, String scale, String zeroPoint, String to) {
        return NodeProto.newBuilder()
                .setName(to + "/" + (op.startsWith("Q") ? "quantize" : "dequantize"))
                .setOpType(op)
                .setDomain(domain)
                .addAllInput(Arrays.asList(from, scale, zeroPoint))
                .addOutput(to)
                .build();
    }

    private static NodeProto withAxis(NodeProto node, int axis) {
        return node.toBuilder()
                .addAttribute(AttributeProto.newBuilder()
                        .setName("axis")
                        .setType(AttributeProto.AttributeType.INT)
                        .setI(axis))
                .build();
    }

    private String scale(String tensor) {
        String root = plan.root(tensor);
        String name = name(root, "/scale");
        addOnce(Stored.floats(name, List.of(), new float[] {tensors.get(root).scale()}));
        return name;
    }

    private String zeroPoint(String tensor) {
        String root = plan.root(tensor);
        String name = name(root, "/zero");
        addByte(name, tensors.get(root).zeroPoint());
        return name;
    }

    private void addByte(String name, int value) {
        addOnce(Stored.bytes(name, TensorProto.DataType.UINT8_VALUE, List.of(), new byte[] {(byte) value}));
    }

    private String name(String tensor, String suffix) {
        return names.computeIfAbsent(tensor + suffix, weights::free);
    }
}
