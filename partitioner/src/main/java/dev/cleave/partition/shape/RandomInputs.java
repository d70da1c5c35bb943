package dev.cleave.partition.shape;

import dev.cleave.partition.graph.Graph;
import dev.cleave.tensor.ElementType;
import dev.cleave.tensor.Shape;
import dev.cleave.tensor.Tensor;
import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;

/**
 * Makes inputs that a model is likely to accept; the same seed gives the same tensors. One thread.
 *
 * <p>Floating types are normal with mean 0 and deviation 1, 8-bit types take any value, wider integers lie within the
 * table that the model looks them up in ({@code 0..1} where none is found), and an input whose name speaks of a mask is
 * all ones. Where a sample is given, every element is drawn from the sample's elements.
 */
public final class RandomInputs {
    private final Map<String, Tensor> samples;
    private final IndexRanges ranges;
    private final RandomGenerator random;

    public RandomInputs(Graph graph, long seed, Map<String, Tensor> samples) {
        this.samples = Map.copyOf(samples);
        this.ranges = new IndexRanges(graph);
        this.random = new SplittableRandom(seed);
    }

    /** Inputs for a model of which only the declarations are known: integers are 0 or 1. */
    public RandomInputs(long seed) {
        this.samples = Map.of();
        this.ranges = null;
        this.random = new SplittableRandom(seed);
    }

    /**
     * The next tensors.
     *
     * @param types and shapes by input; shapes are static
     */
    public Map<String, Tensor> next(Map<String, ElementType> types, Map<String, Shape> shapes) {
        Map<String, Tensor> inputs = new LinkedHashMap<>();
        shapes.forEach((name, shape) -> inputs.put(name, tensor(name, types.get(name), shape)));
        return inputs;
    }

    private Tensor tensor(String name, ElementType type, Shape shape) {
        Tensor tensor = Tensor.allocate(type, shape);
        ByteBuffer data = tensor.data();
        Tensor sample = samples.get(name);
        boolean sampled = sample != null && sample.type() == type && sample.elements() > 0;
        boolean mask = name.toLowerCase(Locale.ROOT).contains("mask");
        long below = type.isFloating() ? 0 : ranges == null ? 2 : ranges.below(name);
        for (int i = 0; i < tensor.elements(); i++) {
            if (sampled) {
                int at = random.nextInt(sample.elements()) * type.bytes();
                data.put(i * type.bytes(), sample.data(), at, type.bytes());
            } else {
                putRandom(data, i * type.bytes(), type, mask ? 1 : value(type, below));
            }
        }
        return tensor;
    }

    private double value(ElementType type, long below) {
        return switch (type) {
            case FLOAT32, FLOAT64, FLOAT16, BFLOAT16 -> random.nextGaussian();
            case UINT8, INT8 -> random.nextInt(256);
            case BOOL -> random.nextInt(2);
            default -> random.nextLong(below);
        };
    }

    private static void putRandom(ByteBuffer data, int at, ElementType type, double value) {
        switch (type) {
            case FLOAT32 -> data.putFloat(at, (float) value);
            case FLOAT64 -> data.putDouble(at, value);
            case FLOAT16 -> data.putShort(at, halfBits((float) value));
            case BFLOAT16 -> data.putShort(at, (short) (Float.floatToIntBits((float) value) >>> 16));
            default -> {
                switch (type.bytes()) {
                    case 1 -> data.put(at, (byte) (long) value);
                    case 2 -> data.putShort(at, (short) (long) value);
                    case 4 -> data.putInt(at, (int) (long) value);
                    default -> data.putLong(at, (long) value);
                }
            }
        }
    }

    /** Half precision by truncation; what is too small to be a normal half becomes zero. For |value| under 65504. */
    private static short halfBits(float value) {
        int bits = Float.floatToIntBits(value);
        int exponent = (bits >>> 23 & 0xFF) - 127 + 15;
        int sign = bits >>> 16 & 0x8000;
        return (short) (exponent <= 0 ? sign : sign | exponent << 10 | bits >>> 13 & 0x3FF);
    }
}
