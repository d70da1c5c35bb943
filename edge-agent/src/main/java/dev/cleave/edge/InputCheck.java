package dev.cleave.edge;

import static dev.cleave.edge.InferenceException.Reason.MALFORMED_INPUT;

import dev.cleave.bundle.Contract;
import dev.cleave.tensor.Tensor;
import dev.cleave.tensor.TensorSpec;
import java.util.List;
import java.util.Map;

/** Checks a request against the contract before anything is done for it. Immutable. */
final class InputCheck {
    private static final int UNKNOWN_ROWS = -1;

    private final Contract contract;
    /** State is not given by the caller. */
    private final List<TensorSpec> inputs;

    private final boolean finite;

    /** @param finite whether NaN and infinity in floating-point inputs are refused */
    InputCheck(Contract contract, boolean finite) {
        this.contract = contract;
        this.inputs = contract.inputsWithoutState();
        this.finite = finite;
    }

    /**
     * Number of rows in a request that fits.
     *
     * @throws InferenceException {@code MALFORMED_INPUT}, naming the first thing that does not
     */
    int rows(InferenceInput input) throws InferenceException {
        String fed = pictureInput(input);
        requireKnownNames(input.tensors(), fed);
        int rows = fed == null ? UNKNOWN_ROWS : input.pictures().size();
        for (TensorSpec spec : inputs) {
            if (!spec.name().equals(fed)) {
                rows = checkTensor(spec, input.tensors().get(spec.name()), rows);
            } else if (!spec.shape().isBatched() && rows > 1) {
                throw malformed(rows + " pictures in one request; expected 1");
            }
        }
        rows = rows == UNKNOWN_ROWS ? 1 : rows;
        int most = Math.max(1, contract.maxBatch());
        if (rows < 1 || rows > most) {
            throw malformed("request has " + rows + " rows; expected 1 to " + most);
        }
        return rows;
    }

    /** Name of the input that pictures feed, null if there are none. */
    private String pictureInput(InferenceInput input) throws InferenceException {
        if (input.pictures().isEmpty()) {
            return null;
        }
        if (contract.preprocessing() == null) {
            throw malformed("bundle has no preprocessing for pictures; expected tensors for " + inputs);
        }
        return contract.preprocessing().input();
    }

    private void requireKnownNames(Map<String, Tensor> tensors, String fed) throws InferenceException {
        for (String name : tensors.keySet()) {
            if (name.equals(fed)) {
                throw malformed("input \"" + name + "\" is given as a tensor and as pictures; expected one of them");
            }
            boolean known = false;
            for (TensorSpec spec : inputs) {
                known |= spec.name().equals(name);
            }
            if (!known) {
                throw malformed("tensor \"" + name + "\" is no input of the model; expected " + inputs);
            }
        }
    }

    /** Returns the rows so far: those of this tensor, or the given ones if it has none. */
    private int checkTensor(TensorSpec spec, Tensor tensor, int rows) throws InferenceException {
        if (tensor == null) {
            throw malformed("input \"" + spec.name() + "\" is missing; expected " + spec);
        }
        String mismatch = spec.mismatch(tensor);
        if (mismatch != null) {
            throw malformed(mismatch);
        }
        int notFinite = finite ? Elements.firstNotFinite(tensor) : -1;
        if (notFinite >= 0) {
            throw malformed("tensor \"" + spec.name() + "\" is "
                    + Elements.get(tensor.type(), tensor.data(), notFinite) + " at element " + notFinite
                    + "; expected finite values");
        }
        if (!spec.shape().isBatched()) {
            return rows;
        }
        int own = (int) Math.min(tensor.shape().dim(0), Integer.MAX_VALUE);
        if (rows != UNKNOWN_ROWS && rows != own) {
            throw malformed("tensor \"" + spec.name() + "\" has " + own + " rows; expected " + rows
                    + " as the inputs before it");
        }
        return own;
    }

    private static InferenceException malformed(String message) {
        return new InferenceException(MALFORMED_INPUT, message);
    }
}
