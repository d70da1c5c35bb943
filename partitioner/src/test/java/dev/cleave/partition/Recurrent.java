package dev.cleave.partition;

import dev.cleave.partition.cut.StatePair;
import dev.cleave.tensor.ElementType;
import dev.cleave.tensor.Shape;
import dev.cleave.tensor.Tensor;
import java.util.List;
import java.util.SplittableRandom;

/**
 * A small network for videos with two gated recurrent cells of convolutions, one behind the other:
 *
 * <pre>
 * x[N,2,6,6] -> a[N,4,6,6] -> cell 1 (m1) -> b -> cell 2 (m2) -> d -> y[N,5]
 *
 * cell:  z = sigmoid(Wz u + Uz m),  h = tanh(Wh u + Uh m),  next = m + z (h - m)
 * </pre>
 *
 * At {@code a} both states are made after the point, at {@code d} before it, at {@code b} one on either side.
 */
public final class Recurrent {
    public static final List<StatePair> STATE = List.of(new StatePair("m1", "next1"), new StatePair("m2", "next2"));
    private static final int CHANNELS = 4;
    private static final int SIDE = 6;

    private Recurrent() {}

    public static ModelBuilder network() {
        ModelBuilder model = new ModelBuilder()
                .input("x", "N", 2, SIDE, SIDE)
                .input("m1", "N", CHANNELS, SIDE, SIDE)
                .input("m2", "N", CHANNELS, SIDE, SIDE)
                .weights("w0", CHANNELS, 2, 1, 1)
                .node("Conv", "x w0", "c0")
                .node("Relu", "c0", "a");
        cell(model, 1, "a");
        model.weights("w1", CHANNELS, CHANNELS, 1, 1)
                .node("Conv", "next1 w1", "c1")
                .node("Relu", "c1", "b");
        cell(model, 2, "b");
        return model.weights("w2", CHANNELS, CHANNELS, 1, 1)
                .node("Conv", "next2 w2", "c2")
                .node("Relu", "c2", "d")
                .weights("w3", CHANNELS * SIDE * SIDE, 5)
                .node("Flatten", "d", "f")
                .node("MatMul", "f w3", "y")
                .output("next1", ElementType.FLOAT32, "N", CHANNELS, SIDE, SIDE)
                .output("y", ElementType.FLOAT32, "N", 5)
                .output("next2", ElementType.FLOAT32, "N", CHANNELS, SIDE, SIDE);
    }

    private static void cell(ModelBuilder model, int number, String input) {
        String memory = "m" + number;
        for (String gate : List.of("z", "h")) {
            String name = gate + number;
            model.weights("W" + name, CHANNELS, CHANNELS, 1, 1)
                    .weights("U" + name, CHANNELS, CHANNELS, 1, 1)
                    .node("Conv", input + " W" + name, "in_" + name)
                    .node("Conv", memory + " U" + name, "kept_" + name)
                    .node("Add", "in_" + name + " kept_" + name, "sum_" + name)
                    .node(gate.equals("z") ? "Sigmoid" : "Tanh", "sum_" + name, name);
        }
        model.node("Sub", "h" + number + " " + memory, "change" + number)
                .node("Mul", "z" + number + " change" + number, "step" + number)
                .node("Add", memory + " step" + number, "next" + number);
    }

    /** A frame of a video. */
    public static Tensor frame(int time) {
        SplittableRandom random = new SplittableRandom(time);
        float[] values = new float[2 * SIDE * SIDE];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return Tensor.ofFloats(Shape.of(1, 2, SIDE, SIDE), values);
    }

    /** The state that a stream begins with. */
    public static Tensor zeros() {
        return Tensor.allocate(ElementType.FLOAT32, Shape.of(1, CHANNELS, SIDE, SIDE));
    }
}
