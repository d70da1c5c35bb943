package dev.cleave.edge;

import dev.cleave.bundle.Contract;
import dev.cleave.edge.InferenceException.Reason;
import dev.cleave.edge.head.PictureRows;
import dev.cleave.tensor.Tensor;
import dev.cleave.tensor.TensorSpec;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What the device has of a request at a point: the live tensors, and at point 0 perhaps pictures that are not
 * normalised yet. From here the request is encoded, or finished locally. Immutable.
 */
final class Activation {
    private final Map<String, Tensor> tensors;
    private final PictureRows pictures;

    private Activation(Map<String, Tensor> tensors, PictureRows pictures) {
        this.tensors = tensors;
        this.pictures = pictures;
    }

    /** The boundary of a point and the outputs made before it. */
    static Activation of(Map<String, Tensor> live) {
        return new Activation(live, null);
    }

    /**
     * The start of a request; runs the geometry of its pictures.
     *
     * @throws InferenceException {@code MALFORMED_INPUT} if the pictures do not fit together
     */
    static Activation of(InferenceInput input, Contract contract) throws InferenceException {
        if (input.pictures().isEmpty()) {
            return new Activation(input.tensors(), null);
        }
        try {
            return new Activation(input.tensors(), PictureRows.of(contract.preprocessing(), input.pictures()));
        } catch (IllegalArgumentException e) {
            throw new InferenceException(Reason.MALFORMED_INPUT, e.getMessage(), e);
        }
    }

    /** Null if there are none. */
    PictureRows pictures() {
        return pictures;
    }

    /** What it holds. */
    long bytes() {
        long bytes = pictures == null ? 0 : pictures.bytes();
        for (Tensor tensor : tensors.values()) {
            bytes += tensor.bytes();
        }
        return bytes;
    }

    /** Tensors other than those that the pictures feed. */
    Map<String, Tensor> tensors() {
        return tensors;
    }

    /**
     * All tensors; normalises the pictures.
     *
     * @throws InferenceException {@code MALFORMED_INPUT} if they do not fit the input
     */
    Map<String, Tensor> live(Contract contract) throws InferenceException {
        if (pictures == null) {
            return tensors;
        }
        Map<String, Tensor> live = new LinkedHashMap<>(tensors);
        for (TensorSpec input : contract.inputs()) {
            if (input.name().equals(pictures.input())) {
                live.put(input.name(), normalize(input));
            }
        }
        return live;
    }

    private Tensor normalize(TensorSpec input) throws InferenceException {
        try {
            return pictures.normalize(input);
        } catch (IllegalArgumentException e) {
            throw new InferenceException(Reason.MALFORMED_INPUT, e.getMessage(), e);
        }
    }
}
