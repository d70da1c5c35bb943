package dev.cleave.edge.shadow;

import dev.cleave.answer.Agreement;
import dev.cleave.tensor.Tensor;
import dev.cleave.tensor.TensorSpec;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Two answers to one request, row by row, by the rule that {@code verify} compares with ({@link Agreement}). Pure. */
public final class AnswerComparison {
    private final List<TensorSpec> outputs;
    private final Agreement rule;

    /** @param outputs of the model */
    public AnswerComparison(List<TensorSpec> outputs) {
        this.outputs = outputs;
        this.rule = Agreement.forOutputs(outputs);
    }

    /** What counts as the same answer, in a word. */
    public String rule() {
        return rule.label();
    }

    /** Rows that can be compared: those of the request, or 1 where its outputs are not by row. */
    public int rows(int requested) {
        for (TensorSpec output : outputs) {
            if (!output.shape().isBatched()) {
                return 1;
            }
        }
        return requested;
    }

    /**
     * How many rows have the same answer.
     *
     * @param rows as {@link #rows} gave them
     */
    public int agreeing(int rows, Map<String, Tensor> answer, Map<String, Tensor> reference) {
        int agreeing = 0;
        for (int row = 0; row < rows; row++) {
            boolean agrees = rows == 1
                    ? rule.agrees(outputs, answer, reference)
                    : rule.agrees(outputs, row(answer, row), row(reference, row));
            agreeing += agrees ? 1 : 0;
        }
        return agreeing;
    }

    private static Map<String, Tensor> row(Map<String, Tensor> tensors, int row) {
        Map<String, Tensor> rows = new LinkedHashMap<>();
        tensors.forEach((name, tensor) -> rows.put(name, tensor.rows(row, 1)));
        return rows;
    }
}
