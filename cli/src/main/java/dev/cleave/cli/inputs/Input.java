package dev.cleave.cli.inputs;

import dev.cleave.picture.Picture;
import dev.cleave.tensor.Tensor;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/** One input as it was found on disk, before any preprocessing. */
public sealed interface Input {
    /** The name of the file, or of the folder with one file for each of the model's inputs. */
    String name();

    /** A picture in its own size. */
    record Pictured(String name, Picture picture) implements Input {}

    /**
     * Tensors.
     *
     * @param tensors one for each input of the model, by name, of the right type and shape
     */
    record Tensors(String name, Map<String, Tensor> tensors) implements Input {
        public Tensors {
            tensors = Collections.unmodifiableMap(new LinkedHashMap<>(tensors));
        }
    }
}
