package dev.cleave.partition.shape;

import dev.cleave.engine.EngineException;
import dev.cleave.engine.Session;
import dev.cleave.onnx.GraphProto;
import dev.cleave.onnx.ModelProto;
import dev.cleave.onnx.NodeProto;
import dev.cleave.onnx.OperatorSetIdProto;
import dev.cleave.onnx.ValueInfoProto;
import dev.cleave.tensor.Shape;
import dev.cleave.tensor.Tensor;
import java.io.IOException;
import java.nio.LongBuffer;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Runs a graph to see how large its tensors are. A Shape node behind each of them is the output, not the tensor itself,
 * so the engine can free every tensor as usual: memory stays that of an ordinary run.
 */
final class SizeProbe implements AutoCloseable {
    private static final int OPSET_WHERE_NONE_IS_IMPORTED = 13;

    private final Session session;
    private final List<String> tensors;
    private final Duration limit;

    SizeProbe(Scratch scratch, List<String> tensors, Duration limit) throws IOException, EngineException {
        this.tensors = List.copyOf(tensors);
        this.limit = limit;
        // A graph without outputs is none: where nothing is asked for, nothing is loaded.
        this.session = tensors.isEmpty() ? null : scratch.load(withShapes(scratch.between(tensors)), false);
    }

    private ModelProto withShapes(ModelProto.Builder model) {
        GraphProto.Builder graph = model.getGraph().toBuilder().clearOutput();
        for (int i = 0; i < tensors.size(); i++) {
            graph.addNode(NodeProto.newBuilder()
                    .setOpType("Shape")
                    .addInput(tensors.get(i))
                    .addOutput(outputName(i)));
            graph.addOutput(ValueInfoProto.newBuilder().setName(outputName(i)));
        }
        if (model.getOpsetImportList().stream()
                .noneMatch(set -> set.getDomain().isEmpty() || set.getDomain().equals("ai.onnx"))) {
            model.addOpsetImport(OperatorSetIdProto.newBuilder().setVersion(OPSET_WHERE_NONE_IS_IMPORTED));
        }
        return model.setGraph(graph).build();
    }

    private static String outputName(int index) {
        return "cleave/shape/" + index;
    }

    /** Shapes by tensor, those of the inputs included. */
    Map<String, Shape> run(Map<String, Tensor> inputs) throws EngineException {
        Map<String, Shape> shapes = new LinkedHashMap<>();
        inputs.forEach((name, tensor) -> shapes.put(name, tensor.shape()));
        if (session == null) {
            return shapes;
        }
        // The graph in hand leaves out inputs that no node reads.
        Map<String, Tensor> read = new LinkedHashMap<>();
        session.inputs().forEach(spec -> read.put(spec.name(), inputs.get(spec.name())));
        Map<String, Tensor> results = session.run(read, Map.of(), limit.toNanos());
        for (int i = 0; i < tensors.size(); i++) {
            LongBuffer dims = results.get(outputName(i)).data().asLongBuffer();
            long[] sizes = new long[dims.remaining()];
            dims.get(sizes);
            if (sizes.length <= Shape.MAX_RANK) {
                shapes.put(tensors.get(i), Shape.of(sizes));
            }
        }
        return shapes;
    }

    @Override
    public void close() {
        if (session != null) {
            session.close();
        }
    }
}
