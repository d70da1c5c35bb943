package dev.cleave.edge;

import dev.cleave.picture.Picture;
import dev.cleave.tensor.Tensor;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * One request: a tensor for every input of the model, or pictures for the input that the bundle's preprocessing feeds
 * and tensors for the others.
 *
 * <p>Tensors and pictures are not copied: they stay as they are until the request's future is complete.
 *
 * @param tensors by input name, n rows each
 * @param pictures one per row, or empty
 */
public record InferenceInput(Map<String, Tensor> tensors, List<Picture> pictures) {
    public InferenceInput {
        tensors = Collections.unmodifiableMap(new LinkedHashMap<>(tensors));
        pictures = Collections.unmodifiableList(new ArrayList<>(pictures));
    }

    /** What it holds. */
    long bytes() {
        long bytes = 0;
        for (Tensor tensor : tensors.values()) {
            bytes += tensor.bytes();
        }
        for (Picture picture : pictures) {
            bytes += 3L * picture.width() * picture.height();
        }
        return bytes;
    }

    public static InferenceInput of(Map<String, Tensor> tensors) {
        return new InferenceInput(tensors, Collections.emptyList());
    }

    public static InferenceInput of(String name, Tensor tensor) {
        return of(Collections.singletonMap(name, tensor));
    }

    public static InferenceInput of(Picture picture) {
        return of(Collections.singletonList(picture));
    }

    /** One row per picture. */
    public static InferenceInput of(List<Picture> pictures) {
        return new InferenceInput(Collections.emptyMap(), pictures);
    }
}
