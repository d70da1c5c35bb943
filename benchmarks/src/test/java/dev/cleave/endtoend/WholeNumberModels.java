package dev.cleave.endtoend;

import dev.cleave.onnx.ModelProto;
import dev.cleave.onnx.TensorProto;
import dev.cleave.partition.ModelBuilder;
import dev.cleave.tensor.ElementType;
import dev.cleave.tensor.Shape;
import dev.cleave.tensor.Tensor;
import java.nio.FloatBuffer;
import java.util.SplittableRandom;
import java.util.function.IntBinaryOperator;

/**
 * Models whose weights and inputs are small whole numbers: every sum is exact in whatever order it is formed, so a batch,
 * a split or another kernel must not change a single bit of an answer.
 */
final class WholeNumberModels {
    static final String INPUT = "x";
    static final String OUTPUT = "y";

    /** The classifier's classes, and the width of its input. */
    static final int CLASSES = 16;

    /** Channels of the convolution's boundary, as in the first layer of a VGG. */
    static final int CHANNELS = 64;

    private static final int PEAK = 8;
    private static final int NOISE = 2;

    private WholeNumberModels() {}

    /**
     * {@code x[N,16] -> a[N,32] -> b[N,32] -> y[N,16]} with {@code y = 16 * scale * x}: a Hadamard transform H, rectified
     * with both signs, and its inverse. Both {@code a} and {@code b} are legal boundaries.
     */
    static ModelProto classifier(int scale) {
        IntBinaryOperator identity = (row, column) -> row == column ? 1 : 0;
        return new ModelBuilder()
                .input(INPUT, "N", CLASSES)
                .initializer(matrix("spread", CLASSES, 2 * CLASSES, bothSigns(WholeNumberModels::hadamard)))
                .initializer(matrix("gather", 2 * CLASSES, 2 * CLASSES, bothSigns(WholeNumberModels::hadamard)))
                .initializer(matrix(
                        "scale", 2 * CLASSES, CLASSES, (row, column) -> scale
                                * bothSigns(identity).applyAsInt(row, column)))
                .node("MatMul", "x spread", "spread_x")
                .node("Relu", "spread_x", "a")
                .node("MatMul", "a gather", "gathered_a")
                .node("Relu", "gathered_a", "b")
                .node("MatMul", "b scale", OUTPUT)
                .output(OUTPUT, ElementType.FLOAT32, "N", CLASSES)
                .build();
    }

    /** One row that the classifier tells apart by a wide margin: a peak at {@code index} modulo the number of classes. */
    static Tensor classifierRow(int index) {
        SplittableRandom random = new SplittableRandom(index);
        float[] row = new float[CLASSES];
        for (int i = 0; i < CLASSES; i++) {
            row[i] = i == index % CLASSES ? PEAK : random.nextInt(-NOISE, NOISE + 1);
        }
        return Tensor.ofFloats(Shape.of(1, CLASSES), row);
    }

    /**
     * {@code x[N,3,H,W] -> a[N,64,H,W] -> y[N,8]}: the boundary {@code a} of a picture of 224x224 is 12.8 MB, that of one
     * of 8x8 is 16 KiB.
     */
    static ModelProto convolution() {
        return new ModelBuilder()
                .input(INPUT, "N", 3, "H", "W")
                .initializer(ternary("first", CHANNELS, 3, 3, 3))
                .initializer(ternary("second", 8, CHANNELS, 1, 1))
                .node("Conv", "x first", "features")
                .with("pads", 1, 1, 1, 1)
                .node("Relu", "features", "a")
                .node("Conv", "a second", "scores")
                .node("GlobalMaxPool", "scores", "highest")
                .node("Flatten", "highest", OUTPUT)
                .output(OUTPUT, ElementType.FLOAT32, "N", 8)
                .build();
    }

    /** A picture for the convolution, values 0 to 2. */
    static Tensor picture(int height, int width, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        Tensor picture = Tensor.allocate(ElementType.FLOAT32, Shape.of(1, 3, height, width));
        FloatBuffer values = picture.data().asFloatBuffer();
        while (values.hasRemaining()) {
            values.put(random.nextInt(3));
        }
        return picture;
    }

    /** Sylvester's construction: -1 to the number of bits that the two indices share. */
    private static int hadamard(int row, int column) {
        return Integer.bitCount(row & column) % 2 == 0 ? 1 : -1;
    }

    /** A block matrix {@code [m -m; -m m]}, to be cut to the size that is wanted. */
    private static IntBinaryOperator bothSigns(IntBinaryOperator block) {
        return (row, column) -> ((row < CLASSES) == (column < CLASSES) ? 1 : -1)
                * block.applyAsInt(row % CLASSES, column % CLASSES);
    }

    private static TensorProto matrix(String name, int rows, int columns, IntBinaryOperator element) {
        TensorProto.Builder tensor = TensorProto.newBuilder()
                .setName(name)
                .setDataType(TensorProto.DataType.FLOAT_VALUE)
                .addDims(rows)
                .addDims(columns);
        for (int row = 0; row < rows; row++) {
            for (int column = 0; column < columns; column++) {
                tensor.addFloatData(element.applyAsInt(row, column));
            }
        }
        return tensor.build();
    }

    /** Random weights of -1, 0 and 1. */
    private static TensorProto ternary(String name, long... dims) {
        SplittableRandom random = new SplittableRandom(name.hashCode());
        TensorProto.Builder tensor =
                TensorProto.newBuilder().setName(name).setDataType(TensorProto.DataType.FLOAT_VALUE);
        long elements = 1;
        for (long dim : dims) {
            tensor.addDims(dim);
            elements *= dim;
        }
        for (long i = 0; i < elements; i++) {
            tensor.addFloatData(random.nextInt(-1, 2));
        }
        return tensor.build();
    }
}
