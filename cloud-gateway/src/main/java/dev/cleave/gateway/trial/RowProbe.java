package dev.cleave.gateway.trial;

import dev.cleave.answer.Values;
import dev.cleave.engine.EngineException;
import dev.cleave.engine.RunTimeoutException;
import dev.cleave.engine.Session;
import dev.cleave.tensor.ElementType;
import dev.cleave.tensor.Shape;
import dev.cleave.tensor.Tensor;
import dev.cleave.tensor.TensorSpec;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Finds out, by running a graph on made-up inputs, whether its rows are independent: {@value #ROWS} rows run together must
 * give, row by row, what each gives alone. The rule is the splitter's; where it does not hold, or cannot be tried, requests
 * are not joined.
 */
final class RowProbe {
    private static final int ROWS = 3;
    private static final double TOLERANCE = 1e-4;
    private static final double HALF_TOLERANCE = 4e-3;
    /** Of open dimensions behind the first, tried in turn: networks have a least size, or ask for multiples. */
    private static final long[] SIZES = {16, 64, 224, 1};

    private final Session session;
    private final long limitNanos;
    private final long seed;
    private final MemoryWatch watch;

    /** @param limitNanos of each run; 0 for none */
    RowProbe(Session session, long limitNanos, long seed, MemoryWatch watch) {
        this.session = session;
        this.limitNanos = limitNanos;
        this.seed = seed;
        this.watch = watch;
    }

    /**
     * A model that fails on what was made up may do well on what it is meant for: that is told, and held against it no
     * further than that its requests are not joined.
     *
     * @throws RunTimeoutException if a run does not end in time
     */
    TrialReport report() throws RunTimeoutException {
        String closed = closedInput();
        String failure = "";
        for (long size : sizes(session.inputs())) {
            try {
                return at(size, closed);
            } catch (RunTimeoutException e) {
                throw e;
            } catch (EngineException | IllegalArgumentException e) {
                failure = String.valueOf(e.getMessage());
            }
        }
        return new TrialReport(
                session.inputs(),
                session.outputs(),
                closed.isEmpty() ? "no run on made-up inputs succeeded (" + failure + ")" : closed,
                RunMemory.UNKNOWN);
    }

    /** Why rows have no axis of their own; empty if they have. */
    private String closedInput() {
        for (TensorSpec input : session.inputs()) {
            if (input.shape().rank() == 0 || input.shape().dim(0) >= 0) {
                return "input \"" + input.name() + "\" has shape " + input.shape()
                        + "; joining takes an open first dimension";
            }
        }
        return "";
    }

    /** Of open dimensions behind the first, to be tried in turn. */
    static long[] sizes(List<TensorSpec> inputs) {
        boolean open = false;
        for (TensorSpec input : inputs) {
            for (int axis = 1; axis < input.shape().rank(); axis++) {
                open |= input.shape().dim(axis) < 0;
            }
        }
        return open ? SIZES.clone() : new long[] {1};
    }

    private TrialReport at(long size, String closed) throws EngineException {
        MadeUpInputs inputs = new MadeUpInputs(seed);
        List<Map<String, Tensor>> rows = new ArrayList<>();
        List<Map<String, Tensor>> alone = new ArrayList<>();
        watch.begin();
        for (int row = 0; row < (closed.isEmpty() ? ROWS : 1); row++) {
            rows.add(inputs.row(session.inputs(), size));
            alone.add(run(rows.get(row)));
        }
        requireElements(alone.get(0));
        if (!closed.isEmpty()) {
            return apart(alone, closed);
        }
        Map<String, Tensor> joined = joined(rows);
        String reason = mixing(joined, alone);
        if (!reason.isEmpty()) {
            return apart(alone, reason);
        }
        RunMemory taken = RunMemory.of(ROWS, joined.values(), watch.grown());
        return new TrialReport(batched(session.inputs()), batched(shown(alone.get(0))), "", taken);
    }

    private TrialReport apart(List<Map<String, Tensor>> alone, String reason) {
        return new TrialReport(session.inputs(), shown(alone.get(0)), reason, RunMemory.UNKNOWN);
    }

    private Map<String, Tensor> run(Map<String, Tensor> inputs) throws EngineException {
        return session.run(inputs, Map.of(), limitNanos);
    }

    /** Two empty tensors are equal and prove nothing. */
    private static void requireElements(Map<String, Tensor> made) throws EngineException {
        for (Map.Entry<String, Tensor> output : made.entrySet()) {
            if (output.getValue().elements() == 0) {
                throw new EngineException("output \"" + output.getKey() + "\" has shape "
                        + output.getValue().shape() + "; it proves nothing when it is empty");
            }
        }
    }

    /** Why rows are not independent; empty if they are. A run that fails at several rows is a reason, too. */
    private String mixing(Map<String, Tensor> joined, List<Map<String, Tensor>> alone) throws RunTimeoutException {
        Map<String, Tensor> together;
        try {
            together = run(joined);
        } catch (RunTimeoutException e) {
            throw e;
        } catch (EngineException e) {
            return "a run of " + ROWS + " rows fails (" + e.getMessage() + ")";
        }
        for (Map.Entry<String, Tensor> output : together.entrySet()) {
            String reason = compare(output.getKey(), output.getValue(), alone);
            if (!reason.isEmpty()) {
                return reason;
            }
        }
        return "";
    }

    private static Map<String, Tensor> joined(List<Map<String, Tensor>> rows) {
        Map<String, Tensor> joined = new LinkedHashMap<>();
        rows.get(0).forEach((name, first) -> {
            Tensor all = Tensor.allocate(first.type(), first.shape().withDim(0, ROWS));
            for (int row = 0; row < ROWS; row++) {
                all.rows(row, 1).data().put(rows.get(row).get(name).data());
            }
            joined.put(name, all);
        });
        return joined;
    }

    private static String compare(String name, Tensor together, List<Map<String, Tensor>> alone) {
        Shape one = alone.get(0).get(name).shape();
        Shape all = together.shape();
        if (one.rank() == 0 || all.rank() == 0 || one.dim(0) != 1 || all.dim(0) != ROWS) {
            return "output \"" + name + "\" has shape " + one + " for one row and " + all + " for " + ROWS;
        }
        for (int row = 0; row < ROWS; row++) {
            Tensor expected = alone.get(row).get(name);
            Values.Difference apart = Values.difference(together.rows(row, 1), expected);
            if (!(apart.relative() <= tolerance(expected.type(), apart))) {
                return "output \"" + name + "\" of a row differs by "
                        + String.format(Locale.ROOT, "%.2g", apart.relative()) + " when other rows run with it";
            }
        }
        return "";
    }

    /** Integers have to be equal; 8-bit ones, which were rounded, may be a level apart. */
    private static double tolerance(ElementType type, Values.Difference apart) {
        return switch (type) {
            case FLOAT32, FLOAT64 -> TOLERANCE;
            case FLOAT16, BFLOAT16 -> HALF_TOLERANCE;
            case INT8, UINT8 -> 1 / Math.max(1, apart.magnitude());
            default -> 0;
        };
    }

    private static List<TensorSpec> batched(List<TensorSpec> specs) {
        return specs.stream()
                .map(spec ->
                        new TensorSpec(spec.name(), spec.type(), spec.shape().withDim(0, Shape.BATCH)))
                .toList();
    }

    /** Outputs as declared, as far as what came out agrees with that; engines do not always know the rank. */
    private List<TensorSpec> shown(Map<String, Tensor> made) {
        List<TensorSpec> shown = new ArrayList<>();
        for (TensorSpec output : session.outputs()) {
            Shape actual = made.get(output.name()).shape();
            Shape shape = output.shape().rank() == actual.rank() ? output.shape() : open(actual);
            for (int axis = 0; axis < actual.rank(); axis++) {
                shape = shape.dim(axis) == actual.dim(axis) ? shape : shape.withDim(axis, Shape.DYNAMIC);
            }
            shown.add(new TensorSpec(output.name(), made.get(output.name()).type(), shape));
        }
        return shown;
    }

    private static Shape open(Shape shape) {
        Shape open = shape;
        for (int axis = 0; axis < shape.rank(); axis++) {
            open = open.withDim(axis, Shape.DYNAMIC);
        }
        return open;
    }
}
