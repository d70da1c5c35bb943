package dev.cleave.codec;

import dev.cleave.tensor.ElementType;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;

/**
 * The integer form of a boundary tensor where the graphs of some precision exchange integers:
 * {@code real = (q - zeroPoint) * scale}, per index of {@code axis} or, with {@code axis} -1, for the whole tensor.
 */
public record Quantization(ElementType type, List<Float> scale, List<Integer> zeroPoint, int axis) {
    /** The {@link #axis()} of one scale for the whole tensor. */
    public static final int PER_TENSOR = -1;

    public Quantization {
        Objects.requireNonNull(type, "type");
        scale = Collections.unmodifiableList(new ArrayList<>(scale));
        zeroPoint = Collections.unmodifiableList(new ArrayList<>(zeroPoint));
    }
}
