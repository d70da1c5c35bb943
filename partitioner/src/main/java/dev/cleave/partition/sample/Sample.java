package dev.cleave.partition.sample;

import dev.cleave.picture.Picture;
import dev.cleave.tensor.Tensor;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * One input of the model, batch 1, for calibration, verification and measurement.
 *
 * @param name file name or {@code random-7}; what reports call it
 * @param inputs a tensor for every input of the model, by name
 * @param picture the picture behind the picture input, after the geometric part of preprocessing, or null
 * @param original that picture as it was given, for who does all of the preprocessing; null where it is not kept
 */
public record Sample(String name, Map<String, Tensor> inputs, Picture picture, Picture original) {
    public Sample {
        inputs = Collections.unmodifiableMap(new LinkedHashMap<>(inputs));
    }

    public Sample(String name, Map<String, Tensor> inputs) {
        this(name, inputs, null, null);
    }

    public Sample(String name, Map<String, Tensor> inputs, Picture picture) {
        this(name, inputs, picture, null);
    }
}
