package dev.cleave.bundle;

import dev.cleave.tensor.ElementType;
import java.util.List;

/**
 * The integer form of a boundary tensor where the graphs of some precision exchange integers:
 * {@code real = (q - zeroPoint) * scale}, per index of {@code axis} or, with {@code axis} -1, for the whole tensor.
 */
public record Quantization(ElementType type, List<Float> scale, List<Integer> zeroPoint, int axis) {}
