package dev.cleave.partition.half;

import dev.cleave.engine.Engine;
import dev.cleave.partition.extract.Precision;
import dev.cleave.partition.graph.Graph;
import dev.cleave.partition.graph.ModelException;
import dev.cleave.partition.quantize.FloatModel;
import dev.cleave.partition.shape.ProbedModel;
import java.io.IOException;
import java.util.Collection;
import java.util.List;

/**
 * A 32-bit float model whose convolutions and matrix products run in 16-bit floats, with what lies between them. Inputs,
 * outputs and the tensors that may cross a boundary keep their names and stay 32-bit floats. Immutable.
 *
 * <p>It is the same function but for the rounding: what is unsafe in 16 bits is left in 32, node by node ({@link
 * HalfOperators}, {@link HalfWeights}). Whether the numbers between the nodes stay in range is not decided here; it has to
 * be measured.
 *
 * @param graph the changed model
 * @param nodes number of nodes in 16 bits, Casts aside
 * @param refusals one line for each convolution or matrix product that stays in 32 bits, and why
 */
public record HalfModel(Graph graph, int nodes, List<String> refusals) {
    /** Casts take the name of a type, not its number, in operator sets before this one. */
    private static final long LOWEST_OPSET = 6;

    public HalfModel {
        refusals = List.copyOf(refusals);
    }

    /**
     * Converts a model.
     *
     * @param boundaries names of the tensors that may cross
     * @throws ModelException if it is not a 32-bit float model, or has nothing to convert
     */
    public static HalfModel of(ProbedModel probed, Collection<String> boundaries, Engine engine) throws IOException {
        Graph source = probed.graph();
        String label = "model " + source.model().file();
        String quantised = FloatModel.whyNot(source);
        if (quantised != null) {
            throw new ModelException(label + " cannot be converted to fp16: " + quantised);
        }
        String precision = Precision.of(source);
        if (!precision.equals("fp32")) {
            throw new ModelException(label + " cannot be converted to fp16: it is " + precision + "; expected fp32");
        }
        if (source.opset() < LOWEST_OPSET) {
            throw new ModelException(label + " cannot be converted to fp16: it has operator set " + source.opset()
                    + "; expected " + LOWEST_OPSET + " or later");
        }
        Graph prepared = FloatModel.prepare(probed, boundaries, engine).graph();
        HalfPlan plan = HalfPlan.of(prepared, probed.facts());
        if (plan.count() == 0) {
            throw new ModelException(label + " cannot be converted to fp16: "
                    + (plan.refusals().isEmpty()
                            ? "it has no convolution or matrix product of 32-bit floats"
                            : plan.refusals().get(0)));
        }
        Graph written = Graph.of(new HalfWriter(prepared, plan, boundaries).write());
        return new HalfModel(written, plan.count(), plan.refusals());
    }
}
