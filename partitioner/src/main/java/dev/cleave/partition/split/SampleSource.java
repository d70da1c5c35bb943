package dev.cleave.partition.split;

import dev.cleave.partition.sample.Samples;
import dev.cleave.partition.shape.ProbedModel;
import dev.cleave.picture.Preprocessing;
import java.io.IOException;

/** Opens sample inputs once the model's inputs are known. */
public interface SampleSource {
    /**
     * @param model with the sizes at which it was run
     * @param preprocessing of pictures, bound to an input, or null
     * @return at least one sample
     */
    Samples open(ProbedModel model, Preprocessing preprocessing) throws IOException;
}
