package dev.cleave.cli.samples;

import dev.cleave.tensor.TensorSpec;
import java.util.ArrayList;
import java.util.List;

/** The open dimensions of a bundle's inputs, as {@code --dim} names them. */
final class OpenDims {
    private OpenDims() {}

    /** {@code INPUT:AXIS}, in order; the dimension that counts rows is not among them. */
    static List<String> of(List<TensorSpec> inputs) {
        List<String> open = new ArrayList<>();
        for (TensorSpec input : inputs) {
            for (int axis = 0; axis < input.shape().rank(); axis++) {
                if (input.shape().withRows(1).dim(axis) < 0) {
                    open.add(input.name() + ":" + axis);
                }
            }
        }
        return open;
    }
}
