package dev.cleave.benchmarks.engines;

import dev.cleave.engine.Session;
import dev.cleave.tensor.ElementType;
import dev.cleave.tensor.Shape;
import dev.cleave.tensor.Tensor;
import dev.cleave.tensor.TensorSpec;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;

/**
 * The same seeded numbers for both forms of a model, one row: floats of 0 to 1; where the second form takes bytes, any bytes.
 *
 * @param onnx by the names of the ONNX graph
 * @param tflite by the names of the other, channels-last where the ONNX graph has them first
 */
record TwinInputs(Map<String, Tensor> onnx, Map<String, Tensor> tflite) {
    static TwinInputs of(Session onnxSession, Session tfliteSession, long seed) {
        Random random = new Random(seed);
        Map<String, Tensor> onnx = new LinkedHashMap<>();
        Map<String, Tensor> tflite = new LinkedHashMap<>();
        for (int i = 0; i < onnxSession.inputs().size(); i++) {
            TensorSpec first = onnxSession.inputs().get(i);
            TensorSpec second = tfliteSession.inputs().get(i);
            float[] values = new float[(int) oneRow(first.shape()).elements()];
            for (int at = 0; at < values.length; at++) {
                values[at] = random.nextFloat();
            }
            Tensor made = Tensor.ofFloats(oneRow(first.shape()), values);
            onnx.put(first.name(), made);
            tflite.put(second.name(), like(second, made, random));
        }
        return new TwinInputs(onnx, tflite);
    }

    private static Tensor like(TensorSpec spec, Tensor tensor, Random random) {
        Shape shape = oneRow(spec.shape());
        if (spec.type() != ElementType.FLOAT32) {
            byte[] bytes = new byte[(int) shape.elements() * spec.type().bytes()];
            random.nextBytes(bytes);
            return Tensor.ofBytes(spec.type(), shape, bytes);
        }
        return shape.equals(tensor.shape()) ? tensor : channelsLast(tensor);
    }

    private static Shape oneRow(Shape shape) {
        Shape sized = shape;
        for (int axis = 0; axis < shape.rank(); axis++) {
            sized = shape.dim(axis) == Shape.DYNAMIC ? sized.withDim(axis, 1) : sized;
        }
        return sized;
    }

    private static Tensor channelsLast(Tensor image) {
        int channels = (int) image.shape().dim(1);
        int height = (int) image.shape().dim(2);
        int width = (int) image.shape().dim(3);
        float[] values = new float[image.elements()];
        for (int channel = 0; channel < channels; channel++) {
            for (int pixel = 0; pixel < height * width; pixel++) {
                values[pixel * channels + channel] =
                        image.data().getFloat((channel * height * width + pixel) * Float.BYTES);
            }
        }
        return Tensor.ofFloats(Shape.of(1, height, width, channels), values);
    }
}
