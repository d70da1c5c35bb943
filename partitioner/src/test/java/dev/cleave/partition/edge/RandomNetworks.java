package dev.cleave.partition.edge;

import dev.cleave.partition.ModelBuilder;
import dev.cleave.partition.quantize.Networks;
import java.util.SplittableRandom;

/** Seeded convolutional networks over the pictures of {@link Networks#pictures}, no two with the same blocks. */
public final class RandomNetworks {
    private static final int BLOCKS = 5;

    private final SplittableRandom random;
    private final ModelBuilder model = new ModelBuilder().input("x", "N", 3, Networks.SIDE, Networks.SIDE);

    private RandomNetworks(long seed) {
        this.random = new SplittableRandom(seed);
    }

    /** A stem, some plain, residual, depthwise, pooling and joining blocks, and a classifier of five classes. */
    public static ModelBuilder of(long seed) {
        return new RandomNetworks(seed).build();
    }

    private ModelBuilder build() {
        String last = convolution("x", "stem", 3, 1, true);
        boolean pooled = false;
        for (int block = 0; block < BLOCKS; block++) {
            String name = "b" + block;
            int kind = random.nextInt(pooled ? 4 : 5);
            last = switch (kind) {
                case 0 -> convolution(last, name, Networks.CHANNELS, 1, random.nextBoolean());
                case 1 -> convolution(last, name, Networks.CHANNELS, Networks.CHANNELS, true);
                case 2 -> residual(last, name);
                case 3 -> joined(last, name);
                default -> pool(last, name);
            };
            pooled |= kind == 4;
        }
        return model.node("GlobalAveragePool", last, "average")
                .node("Flatten", "average", "flat")
                .weights("classes", Networks.CHANNELS, 5)
                .weights("bias", 5)
                .node("Gemm", "flat classes bias", "y")
                .output("y");
    }

    private String convolution(String from, String name, int inputs, int groups, boolean rectified) {
        Networks.convolve(model, from, name, inputs, Networks.CHANNELS, groups);
        if (!rectified) {
            return name;
        }
        model.node("Relu", name, name + "r");
        return name + "r";
    }

    /** The block's input passes by its convolutions: two tensors cross between them. */
    private String residual(String from, String name) {
        String first = convolution(from, name + "a", Networks.CHANNELS, 1, true);
        String second = convolution(first, name + "b", Networks.CHANNELS, 1, false);
        model.node("Add", second + " " + from, name).node("Relu", name, name + "r");
        return name + "r";
    }

    private String joined(String from, String name) {
        String plain = convolution(from, name + "c", Networks.CHANNELS, 1, true);
        String depthwise = convolution(from, name + "d", Networks.CHANNELS, Networks.CHANNELS, false);
        model.node("Concat", plain + " " + depthwise, name + "j").with("axis", 1L);
        return convolution(name + "j", name, 2 * Networks.CHANNELS, 1, true);
    }

    private String pool(String from, String name) {
        model.node("MaxPool", from, name).with("kernel_shape", 2L, 2L).with("strides", 2L, 2L);
        return name;
    }
}
