package dev.cleave.partition.split;

import dev.cleave.partition.sample.SampleException;
import dev.cleave.partition.sample.Samples;
import dev.cleave.picture.Preprocessing;
import dev.cleave.tensor.TensorSpec;
import java.util.List;

/** Opens sample inputs once the model's inputs are known. */
public interface SampleSource {
    /**
     * @param inputs of the model
     * @param preprocessing of pictures, bound to an input, or null
     * @return at least one sample
     */
    Samples open(List<TensorSpec> inputs, Preprocessing preprocessing) throws SampleException;
}
