package dev.cleave.partition.shape;

import dev.cleave.partition.graph.Dataflow;
import dev.cleave.partition.graph.Graph;
import dev.cleave.partition.graph.TensorFacts;
import dev.cleave.tensor.Tensor;
import dev.cleave.tensor.TensorSpec;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A graph together with what running it showed. Immutable.
 *
 * @param flow of the graph; its batch dimension may have been opened, and then it is not quite the model's own graph
 * @param facts of every tensor that may cross a boundary, the inputs and the outputs
 * @param batchInputs inputs whose axis 0 counts rows; empty where rows are not independent
 * @param batchReason why they are not, in one line; else empty
 */
public record ProbedModel(Dataflow flow, TensorFacts facts, Set<String> batchInputs, String batchReason) {
    public ProbedModel {
        batchInputs = Set.copyOf(batchInputs);
    }

    public Graph graph() {
        return flow.graph();
    }

    /** Whether rows are independent, so that requests may be joined. */
    public boolean isBatched() {
        return !batchInputs.isEmpty();
    }

    /** Inputs for as many rows as are given, one input each; what is not joined is that of the first. */
    public Map<String, Tensor> join(List<Map<String, Tensor>> rows) {
        return BatchProof.join(rows, batchInputs);
    }

    /** Inputs in the model's order. */
    public List<TensorSpec> inputs() {
        return specs(graph().inputs().keySet());
    }

    /** Outputs in the model's order. */
    public List<TensorSpec> outputs() {
        return specs(graph().outputs().keySet());
    }

    private List<TensorSpec> specs(Collection<String> names) {
        return names.stream().map(facts::spec).toList();
    }
}
