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
import java.util.function.IntToDoubleFunction;

/**
 * Models that lose nothing to rounding: sums are of small whole numbers, products with powers of two. So a batch, a split
 * or another kernel must not change a single bit of an answer.
 */
final class ExactModels {
    static final String INPUT = "x";
    static final String OUTPUT = "y";

    /** The classifier's classes, and the width of its input. */
    static final int CLASSES = 16;

    /** Channels of the large boundary, as in the first layer of a VGG. */
    static final int CHANNELS = 64;

    private static final int PEAK = 8;
    private static final int NOISE = 2;

    private ExactModels() {}

    /**
     * {@code x[N,16] -> a[N,32] -> b[N,32] -> y[N,16]} with {@code y = 16 * scale * x}: a Hadamard transform H, rectified
     * with both signs, and its inverse. Both {@code a} and {@code b} are legal boundaries.
     */
    static ModelProto classifier(int scale) {
        IntBinaryOperator identity = (row, column) -> row == column ? 1 : 0;
        return new ModelBuilder()
                .input(INPUT, "N", CLASSES)
                .initializer(matrix("spread", CLASSES, 2 * CLASSES, bothSigns(ExactModels::hadamard)))
                .initializer(matrix("gather", 2 * CLASSES, 2 * CLASSES, bothSigns(ExactModels::hadamard)))
                .initializer(matrix(
                        "scale",
                        2 * CLASSES,
                        CLASSES,
                        (row, column) -> scale * bothSigns(identity).applyAsInt(row, column)))
                .node("MatMul", "x spread", "spread_x")
                .node("Relu", "spread_x", "a")
                .node("MatMul", "a gather", "gathered_a")
                .node("Relu", "gathered_a", "b")
                .node("MatMul", "b scale", OUTPUT)
                .output(OUTPUT, ElementType.FLOAT32, "N", CLASSES)
                .build();
    }

    /**
     * The same with a detour that changes nothing but what it weighs and takes: {@code b} is widened, multiplied by the identity
     * so often, and narrowed again.
     *
     * @param width of the detour, at least 32
     */
    static ModelProto classifierWithDetour(int scale, int width, int passes) {
        IntBinaryOperator identity = (row, column) -> row == column ? 1 : 0;
        ModelBuilder model = new ModelBuilder()
                .input(INPUT, "N", CLASSES)
                .initializer(matrix("spread", CLASSES, 2 * CLASSES, bothSigns(ExactModels::hadamard)))
                .initializer(matrix("gather", 2 * CLASSES, 2 * CLASSES, bothSigns(ExactModels::hadamard)))
                .initializer(matrix("widen", 2 * CLASSES, width, identity))
                .initializer(matrix("narrow", width, 2 * CLASSES, identity))
                .initializer(matrix(
                        "scale",
                        2 * CLASSES,
                        CLASSES,
                        (row, column) -> scale * bothSigns(identity).applyAsInt(row, column)))
                .node("MatMul", "x spread", "spread_x")
                .node("Relu", "spread_x", "a")
                .node("MatMul", "a gather", "gathered_a")
                .node("Relu", "gathered_a", "b")
                .node("MatMul", "b widen", "pass_0");
        if (passes > 0) {
            model.initializer(matrix("same", width, width, identity));
        }
        for (int pass = 0; pass < passes; pass++) {
            model.node("MatMul", "pass_" + pass + " same", "pass_" + (pass + 1));
        }
        return model.node("MatMul", "pass_" + passes + " narrow", "narrowed")
                .node("MatMul", "narrowed scale", OUTPUT)
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
     * {@code x[N,3,H,W] -> a[N,64,H,W] -> y[N,64]}: the boundary {@code a} of a picture of 224x224 is 12.8 MB, that of one
     * of 8x8 is 16 KiB. Channel c of {@code a} is an input channel times a power of two of its own, which keeps all the
     * bits of a value and repeats none of them: nothing that a coder could find. {@code y} is each channel's maximum.
     */
    static ModelProto powersOfTwo() {
        return new ModelBuilder()
                .input(INPUT, "N", 3, "H", "W")
                .initializer(tensor("powers", index -> power(index / 3, index % 3), CHANNELS, 3, 1, 1))
                .node("Conv", "x powers", "scaled")
                .node("Relu", "scaled", "a")
                .node("GlobalMaxPool", "a", "highest")
                .node("Flatten", "highest", OUTPUT)
                .output(OUTPUT, ElementType.FLOAT32, "N", CHANNELS)
                .build();
    }

    /** Weight of an input channel in an output channel: 2^-10 to 2^11, or 0. */
    private static float power(int channel, int inputChannel) {
        return channel % 3 == inputChannel ? Math.scalb(1f, channel / 3 - 10) : 0;
    }

    /** A picture of random values from 1 to 2. */
    static Tensor picture(int height, int width, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        Tensor picture = Tensor.allocate(ElementType.FLOAT32, Shape.of(1, 3, height, width));
        FloatBuffer values = picture.data().asFloatBuffer();
        while (values.hasRemaining()) {
            values.put((float) random.nextDouble(1, 2));
        }
        return picture;
    }

    /** Sylvester's construction: -1 to the number of bits that the two indices share. */
    private static int hadamard(int row, int column) {
        return Integer.bitCount(row & column) % 2 == 0 ? 1 : -1;
    }

    /** A block matrix {@code [m -m; -m m]}, to be cut to the size that is wanted. */
    private static IntBinaryOperator bothSigns(IntBinaryOperator block) {
        return (row, column) ->
                ((row < CLASSES) == (column < CLASSES) ? 1 : -1) * block.applyAsInt(row % CLASSES, column % CLASSES);
    }

    private static TensorProto matrix(String name, int rows, int columns, IntBinaryOperator element) {
        return tensor(name, index -> element.applyAsInt(index / columns, index % columns), rows, columns);
    }

    /** A float tensor from a function of the row-major index. */
    private static TensorProto tensor(String name, IntToDoubleFunction element, int... dims) {
        TensorProto.Builder tensor =
                TensorProto.newBuilder().setName(name).setDataType(TensorProto.DataType.FLOAT_VALUE);
        int elements = 1;
        for (int dim : dims) {
            tensor.addDims(dim);
            elements *= dim;
        }
        for (int i = 0; i < elements; i++) {
            tensor.addFloatData((float) element.applyAsDouble(i));
        }
        return tensor.build();
    }
}
