package dev.cleave.partition.draft;

import dev.cleave.partition.graph.ModelException;
import dev.cleave.picture.Preprocessing;
import dev.cleave.tensor.TensorSpec;
import java.util.List;

/** The input of a model that pictures feed. */
public final class PictureInput {
    private PictureInput() {}

    /**
     * Preprocessing bound to an input: the one it names, else the only one that a picture fits.
     *
     * @param preprocessing or null, which stays null
     * @throws ModelException if it fits no input, or several
     */
    public static Preprocessing bound(Preprocessing preprocessing, List<TensorSpec> inputs) throws ModelException {
        if (preprocessing == null) {
            return null;
        }
        String named = preprocessing.input();
        List<TensorSpec> fitting = inputs.stream()
                .filter(input -> named == null || named.isEmpty()
                        ? input.shape().rank() == 4
                        : input.name().equals(named))
                .toList();
        if (fitting.size() != 1) {
            String fed = named == null || named.isEmpty() ? "an input it does not name" : "input \"" + named + "\"";
            throw new ModelException("preprocessing feeds " + fed + ", and the model has " + inputs
                    + "; expected \"input\" to name one");
        }
        TensorSpec input = fitting.get(0);
        String misfit = preprocessing.misfit(input);
        if (misfit != null) {
            throw new ModelException("preprocessing does not fit the model: " + misfit);
        }
        return preprocessing.withInput(input.name());
    }
}
