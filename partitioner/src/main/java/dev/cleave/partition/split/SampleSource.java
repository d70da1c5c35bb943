package dev.cleave.partition.split;

import dev.cleave.partition.sample.Samples;
import dev.cleave.partition.shape.ProbedModel;
import dev.cleave.picture.Preprocessing;
import java.io.IOException;
import java.util.Set;

/** Opens sample inputs once the model's inputs are known. */
public interface SampleSource {
    /**
     * @param model with the sizes at which it was run
     * @param preprocessing of pictures, bound to an input, or null
     * @return at least one sample
     */
    Samples open(ProbedModel model, Preprocessing preprocessing) throws IOException;

    /**
     * The same for a model with state.
     *
     * @param state names of inputs that samples need not have: they are carried from one sample to the next
     */
    default Samples open(ProbedModel model, Set<String> state, Preprocessing preprocessing) throws IOException {
        return open(model, preprocessing);
    }
}
