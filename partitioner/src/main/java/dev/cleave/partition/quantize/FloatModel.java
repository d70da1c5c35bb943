package dev.cleave.partition.quantize;

import dev.cleave.engine.Engine;
import dev.cleave.onnx.ModelProto;
import dev.cleave.onnx.OperatorSetIdProto;
import dev.cleave.partition.graph.Dataflow;
import dev.cleave.partition.graph.Graph;
import dev.cleave.partition.graph.GraphNode;
import dev.cleave.partition.graph.OnnxModel;
import dev.cleave.partition.graph.TensorFacts;
import dev.cleave.partition.shape.ProbedModel;
import java.io.IOException;
import java.util.Collection;
import java.util.Set;

/** Makes a float model ready for another precision: constants stored, arithmetic by channel folded, operators up to date. */
public final class FloatModel {
    private FloatModel() {}

    /** Null, or why a model is not one whose activations and weights are all still to be quantised. */
    public static String whyNot(Graph graph) {
        for (GraphNode node : graph.nodes()) {
            String op = node.op();
            boolean quantised = op.equals("QuantizeLinear")
                    || op.equals("DequantizeLinear")
                    || op.equals("DynamicQuantizeLinear")
                    || op.startsWith("QLinear")
                    || op.endsWith("Integer")
                    || op.equals("QGemm")
                    || op.equals("MatMulNBits");
            if (quantised) {
                return "it is quantised already: it has " + node.label();
            }
        }
        return null;
    }

    /** The same function of the same inputs, with tensors under the names they had wherever they are still there. */
    static Dataflow prepare(ProbedModel probed, Engine engine) throws IOException {
        return prepare(probed, Set.of(), engine);
    }

    /**
     * The same function of the same inputs, with tensors under the names they had wherever they are still there.
     *
     * @param kept tensors that have to be there still
     */
    public static Dataflow prepare(ProbedModel probed, Collection<String> kept, Engine engine) throws IOException {
        Graph graph = probed.graph();
        TensorFacts facts = probed.facts();
        Rewriting changed = new Rewriting(graph, kept);
        ConstantValues.store(graph, engine, changed);
        new Folding(changed, facts).run();
        long version = graph.opset();
        if (version < OpsetUpgrade.TARGET && new OpsetUpgrade(changed, facts, version).run() == null) {
            version = OpsetUpgrade.TARGET;
        }
        return new Dataflow(Graph.of(withOpset(changed.done(), version)));
    }

    private static OnnxModel withOpset(OnnxModel model, long version) {
        ModelProto.Builder changed = model.proto().toBuilder().clearOpsetImport();
        for (OperatorSetIdProto set : model.proto().getOpsetImportList()) {
            boolean isOnnx = set.getDomain().isEmpty() || set.getDomain().equals("ai.onnx");
            changed.addOpsetImport(isOnnx ? set.toBuilder().setVersion(version).build() : set);
        }
        return model.with(changed.build());
    }
}
