package dev.cleave.partition;

import dev.cleave.partition.sample.Sample;
import dev.cleave.picture.Picture;
import dev.cleave.picture.Preprocessing;
import dev.cleave.tensor.ElementType;
import dev.cleave.tensor.Shape;
import dev.cleave.tensor.Tensor;
import java.util.Map;
import java.util.SplittableRandom;

/** Small made-up pictures, and a network that takes them. */
public final class Pictures {
    /** Of a square picture, in pixels. */
    public static final int SIDE = 16;

    private Pictures() {}

    /** Scores are the means of the three colours of a picture; it can be cut at {@code r} and {@code p}. */
    public static ModelBuilder colours() {
        return new ModelBuilder()
                .input("x", "N", 3, SIDE, SIDE)
                .node("Relu", "x", "r")
                .node("GlobalAveragePool", "r", "p")
                .node("Flatten", "p", "y")
                .output("y");
    }

    /** Every pixel at random. */
    public static Picture noise(int width, int height, long seed) {
        byte[] rgb = new byte[width * height * 3];
        new SplittableRandom(seed).nextBytes(rgb);
        return new Picture(width, height, rgb);
    }

    /** A square picture of {@link #SIDE} as the input {@code x}. */
    public static Sample sample(String name, Picture picture, Preprocessing preprocessing) {
        Tensor tensor = Tensor.allocate(ElementType.FLOAT32, Shape.of(1, 3, SIDE, SIDE));
        preprocessing.normalize(picture, tensor);
        return new Sample(name, Map.of("x", tensor), picture);
    }
}
