package dev.cleave.partition.shape;

import dev.cleave.engine.EngineException;
import dev.cleave.engine.Session;
import dev.cleave.tensor.Shape;
import dev.cleave.tensor.Tensor;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Proves, as far as running can, that the rows of a graph are independent: {@link #ROWS} random rows run together must
 * give, row by row, what each gives alone.
 */
final class BatchProof {
    static final int ROWS = 3;

    private final Session session;
    private final Duration limit;
    private final double tolerance;

    /**
     * @param session with the outputs that are to be compared
     * @param tolerance for floating outputs; others have to be equal, except 8-bit ones, which may be a level apart
     */
    BatchProof(Session session, Duration limit, double tolerance) {
        this.session = session;
        this.limit = limit;
        this.tolerance = tolerance;
    }

    /**
     * Compares.
     *
     * @param single the inputs of each row on its own, axis 0 of the batched ones being 1
     * @param batched names of the inputs whose rows are joined; of the others the first row's tensor is used
     * @return for each output that fails, one line of reason; empty if all rows agree
     * @throws EngineException if the graph cannot be run at one of the two sizes
     */
    Map<String, String> run(List<Map<String, Tensor>> single, Set<String> batched) throws EngineException {
        List<Map<String, Tensor>> alone = new ArrayList<>();
        for (Map<String, Tensor> row : single) {
            alone.add(session.run(used(row), Map.of(), limit.toNanos()));
        }
        Map<String, Tensor> together = session.run(used(join(single, batched)), Map.of(), limit.toNanos());
        Map<String, String> failures = new LinkedHashMap<>();
        together.forEach((name, tensor) -> {
            String reason = compare(name, tensor, alone);
            if (reason != null) {
                failures.put(name, reason);
            }
        });
        return failures;
    }

    private Map<String, Tensor> used(Map<String, Tensor> inputs) {
        Map<String, Tensor> used = new LinkedHashMap<>();
        session.inputs().forEach(spec -> used.put(spec.name(), inputs.get(spec.name())));
        return used;
    }

    private String compare(String name, Tensor together, List<Map<String, Tensor>> alone) {
        Shape shape = together.shape();
        Shape one = alone.get(0).get(name).shape();
        if (shape.rank() == 0 || one.rank() == 0 || one.dim(0) != 1 || shape.dim(0) != alone.size()) {
            return "tensor \"" + name + "\" has shape " + one + " for one row and " + shape + " for " + alone.size();
        }
        for (int row = 0; row < alone.size(); row++) {
            Tensor expected = alone.get(row).get(name);
            double error = Agreement.relativeError(together.rows(row, 1), expected);
            double allowed = expected.type().isFloating()
                    ? tolerance
                    : expected.type().bytes() == 1 ? 1.0 / Math.max(1, largest(expected)) : 0;
            if (!(error <= allowed)) {
                return "tensor \"" + name + "\" of a row differs by " + String.format("%.2g", error)
                        + " when other rows run with it";
            }
        }
        return null;
    }

    private static int largest(Tensor bytes) {
        int largest = 0;
        for (int i = 0; i < bytes.bytes(); i++) {
            largest = Math.max(largest, Math.abs(bytes.data().get(i)));
        }
        return largest;
    }

    /** Joins the batched inputs along axis 0. */
    static Map<String, Tensor> join(List<Map<String, Tensor>> rows, Set<String> batched) {
        Map<String, Tensor> joined = new LinkedHashMap<>(rows.get(0));
        for (String name : batched) {
            Tensor first = rows.get(0).get(name);
            Tensor all = Tensor.allocate(first.type(), first.shape().withDim(0, rows.size()));
            for (int row = 0; row < rows.size(); row++) {
                all.rows(row, 1).data().put(rows.get(row).get(name).data());
            }
            joined.put(name, all);
        }
        return joined;
    }
}
