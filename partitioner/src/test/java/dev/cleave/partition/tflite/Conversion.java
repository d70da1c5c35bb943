package dev.cleave.partition.tflite;

import dev.cleave.engine.Engine;
import dev.cleave.engine.GraphSource;
import dev.cleave.engine.Session;
import dev.cleave.engine.SessionOptions;
import dev.cleave.onnx.ModelProto;
import dev.cleave.partition.ModelBuilder;
import dev.cleave.tensor.ElementType;
import dev.cleave.tensor.Shape;
import dev.cleave.tensor.Tensor;
import dev.cleave.tensor.TensorSpec;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SplittableRandom;

/** A graph run by ONNX Runtime, and converted by TensorFlow Lite; how far the results are apart. */
final class Conversion {
    private final Engine engine;
    private final GraphSource source;
    private final byte[] flatbuffer;

    private Conversion(Engine engine, GraphSource source, byte[] flatbuffer) {
        this.engine = engine;
        this.source = source;
        this.flatbuffer = flatbuffer;
    }

    static Conversion of(Engine engine, ModelBuilder model) throws Exception {
        return of(engine, model.build());
    }

    static Conversion of(Engine engine, ModelProto model) throws Exception {
        return of(engine, new GraphSource("test", model.toByteArray()));
    }

    static Conversion of(Engine engine, GraphSource source) throws Exception {
        return new Conversion(engine, source, new TfLiteConverter(engine).convert(source));
    }

    byte[] flatbuffer() {
        return flatbuffer;
    }

    Map<String, Integer> operators() {
        return TfLiteRunner.operators(flatbuffer);
    }

    int count(String operator) {
        return operators().getOrDefault(operator, 0);
    }

    /** The largest difference of floats over the largest value, or of integers in levels; on random inputs. */
    double error(int rows, long seed) throws Exception {
        try (Session session = engine.load(source, SessionOptions.defaults().withThreads(1))) {
            Map<String, Tensor> inputs = random(session, rows, seed);
            return error(session.run(inputs), inputs);
        }
    }

    /** The same against outputs that are known, with XNNPACK and without; names, types and shapes have to be the same. */
    double error(Map<String, Tensor> expected, Map<String, Tensor> inputs) {
        double worst;
        try (TfLiteRunner runner = TfLiteRunner.of(flatbuffer)) {
            worst = difference(expected, runner.run(inputs));
        }
        try (TfLiteRunner runner = TfLiteRunner.plain(flatbuffer)) {
            return Math.max(worst, difference(expected, runner.run(inputs)));
        }
    }

    static Map<String, Tensor> random(Session session, int rows, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        Map<String, Tensor> inputs = new LinkedHashMap<>();
        for (TensorSpec spec : session.inputs()) {
            long[] dims = spec.shape().dims();
            for (int axis = 0; axis < dims.length; axis++) {
                dims[axis] = dims[axis] < 0 ? rows : dims[axis];
            }
            inputs.put(spec.name(), random(spec.type(), Shape.of(dims), random));
        }
        return inputs;
    }

    private static Tensor random(ElementType type, Shape shape, SplittableRandom random) {
        Tensor tensor = Tensor.allocate(type, shape);
        ByteBuffer data = tensor.data();
        while (data.hasRemaining()) {
            switch (type) {
                case FLOAT32 -> data.putFloat((float) random.nextGaussian());
                case INT32 -> data.putInt(random.nextInt(2));
                case INT64 -> data.putLong(random.nextInt(2));
                case BOOL -> data.put((byte) random.nextInt(2));
                default -> data.put((byte) random.nextInt(256));
            }
        }
        return tensor;
    }

    static double difference(Map<String, Tensor> expected, Map<String, Tensor> actual) {
        if (!expected.keySet().equals(actual.keySet())) {
            throw new AssertionError("outputs " + actual.keySet() + "; expected " + expected.keySet());
        }
        double worst = 0;
        for (Map.Entry<String, Tensor> output : expected.entrySet()) {
            worst = Math.max(worst, difference(output.getValue(), actual.get(output.getKey())));
        }
        return worst;
    }

    private static double difference(Tensor expected, Tensor actual) {
        if (expected.type() != actual.type() || !expected.shape().equals(actual.shape())) {
            throw new AssertionError("output " + actual + "; expected " + expected);
        }
        if (expected.type() == ElementType.FLOAT32) {
            return floats(expected.data().asFloatBuffer(), actual.data().asFloatBuffer());
        }
        double worst = 0;
        for (int i = 0; i < expected.elements(); i++) {
            worst = Math.max(worst, Math.abs(integer(expected, i) - integer(actual, i)));
        }
        return worst;
    }

    private static double integer(Tensor tensor, int index) {
        return switch (tensor.type()) {
            case INT32 -> tensor.data().getInt(4 * index);
            case INT64 -> tensor.data().getLong(8 * index);
            case INT8 -> tensor.data().get(index);
            default -> tensor.data().get(index) & 0xff;
        };
    }

    private static double floats(FloatBuffer expected, FloatBuffer actual) {
        double largest = 1e-3;
        double worst = 0;
        for (int i = 0; i < expected.limit(); i++) {
            float wanted = expected.get(i);
            boolean isSame = wanted == actual.get(i) || Float.isNaN(wanted) && Float.isNaN(actual.get(i));
            if (!isSame) {
                double difference = Math.abs((double) wanted - actual.get(i));
                worst = Math.max(worst, Double.isNaN(difference) ? Double.POSITIVE_INFINITY : difference);
            }
            largest = Float.isFinite(wanted) ? Math.max(largest, Math.abs(wanted)) : largest;
        }
        return worst / largest;
    }
}
