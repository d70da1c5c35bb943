package dev.cleave.edge;

import dev.cleave.bundle.Contract;
import dev.cleave.tensor.Tensor;
import dev.cleave.tensor.TensorSpec;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;

/** Names the answers of a classifier. */
final class Labels {
    private Labels() {}

    /**
     * One label per row of the first output: of its largest element if a row has as many as there are labels, of the
     * element itself if a row is one integer. Empty if neither holds, or an index is none of the labels'.
     */
    static List<String> of(Contract contract, Map<String, Tensor> outputs, int rows) {
        List<String> known = contract.labels();
        TensorSpec first = contract.outputsWithoutState().get(0);
        Tensor output = outputs.get(first.name());
        if (known.isEmpty() || output == null || output.elements() % rows != 0) {
            return Collections.emptyList();
        }
        int perRow = output.elements() / rows;
        boolean scores = perRow == known.size();
        if (!scores && (perRow != 1 || output.type().isFloating())) {
            return Collections.emptyList();
        }
        List<String> labels = new ArrayList<>(rows);
        for (int row = 0; row < rows; row++) {
            double index = scores
                    ? Elements.argmax(output, row * perRow, perRow)
                    : Elements.get(output.type(), output.data(), row);
            if (index < 0 || index >= known.size()) {
                return Collections.emptyList();
            }
            labels.add(known.get((int) index));
        }
        return labels;
    }
}
