package dev.cleave.engine.tflite;

import static dev.cleave.engine.tflite.TinyTfLite.list;

import dev.cleave.tensor.ElementType;
import java.util.Random;
import org.tensorflow.lite.schema.BuiltinOperator;
import org.tensorflow.lite.schema.BuiltinOptions;
import org.tensorflow.lite.schema.Conv2DOptionsT;
import org.tensorflow.lite.schema.DepthwiseConv2DOptionsT;
import org.tensorflow.lite.schema.FullyConnectedOptionsT;
import org.tensorflow.lite.schema.Pool2DOptionsT;
import org.tensorflow.lite.schema.ReshapeOptionsT;
import org.tensorflow.lite.schema.SoftmaxOptionsT;

/** Small networks of the operators that image models are made of, in floats and in 8-bit integers; weights are seeded. */
public final class SmallNetworks {
    private SmallNetworks() {}

    /** Input {@code x [?,6,6,2]}, output {@code y [?,3]}: convolutions, a pool, a fully connected layer, softmax. */
    public static byte[] floats() {
        return network(ElementType.FLOAT32, 3);
    }

    /** The same in int8 with scales per channel. */
    public static byte[] integers() {
        return network(ElementType.INT8, 3);
    }

    /** The float network, but its output is declared as {@code [?,2]}. */
    public static byte[] lying() {
        return network(ElementType.FLOAT32, 2);
    }

    private static byte[] network(ElementType type, int declared) {
        boolean integers = type == ElementType.INT8;
        ElementType biasType = integers ? ElementType.INT32 : type;
        Random random = new Random(7);
        TinyTfLite.Subgraph graph = new TinyTfLite().subgraph();
        int x = graph.tensor("x", type, -1, 6, 6, 2);
        int weights = graph.constant("conv/weights", type, list(4, 3, 3, 2), random);
        int bias = graph.constant("conv/bias", biasType, list(4), random);
        int conv = graph.tensor("conv", type, -1, 6, 6, 4);
        int depthWeights = graph.constant("depth/weights", type, list(1, 3, 3, 4), random);
        int depthBias = graph.constant("depth/bias", biasType, list(4), random);
        int depth = graph.tensor("depth", type, -1, 3, 3, 4);
        int pool = graph.tensor("pool", type, -1, 1, 1, 4);
        int flat = graph.tensor("flat", type, -1, 4);
        int denseWeights = graph.constant("dense/weights", type, list(3, 4), random);
        int denseBias = graph.constant("dense/bias", biasType, list(3), random);
        int dense = graph.tensor("dense", type, -1, 3);
        int y = graph.tensor("y", type, -1, declared);
        if (integers) {
            for (int activation : list(x, conv, depth, pool, flat, dense)) {
                graph.quantized(activation, 0, 0.5f);
            }
            graph.quantized(weights, 0, 0.01f, 0.02f, 0.03f, 0.04f);
            graph.quantized(bias, 0, 0.005f, 0.01f, 0.015f, 0.02f);
            graph.quantized(depthWeights, 3, 0.01f, 0.02f, 0.03f, 0.04f);
            graph.quantized(depthBias, 0, 0.005f, 0.01f, 0.015f, 0.02f);
            graph.quantized(denseWeights, 0, 0.01f);
            graph.quantized(denseBias, 0, 0.005f);
            graph.quantized(y, 0, 1 / 256f);
            graph.at(y).getQuantization().setZeroPoint(new long[] {-128});
        }
        int version = integers ? 3 : 1;
        graph.operator(
                BuiltinOperator.CONV_2D, version, BuiltinOptions.Conv2DOptions, conv(), list(x, weights, bias), conv);
        graph.operator(
                BuiltinOperator.DEPTHWISE_CONV_2D,
                version,
                BuiltinOptions.DepthwiseConv2DOptions,
                depthwise(),
                list(conv, depthWeights, depthBias),
                depth);
        graph.operator(
                BuiltinOperator.AVERAGE_POOL_2D,
                integers ? 2 : 1,
                BuiltinOptions.Pool2DOptions,
                pool(),
                list(depth),
                pool);
        ReshapeOptionsT reshape = new ReshapeOptionsT();
        reshape.setNewShape(list(-1, 4));
        graph.operator(BuiltinOperator.RESHAPE, 1, BuiltinOptions.ReshapeOptions, reshape, list(pool), flat);
        graph.operator(
                BuiltinOperator.FULLY_CONNECTED,
                integers ? 4 : 1,
                BuiltinOptions.FullyConnectedOptions,
                new FullyConnectedOptionsT(),
                list(flat, denseWeights, denseBias),
                dense);
        SoftmaxOptionsT softmax = new SoftmaxOptionsT();
        softmax.setBeta(1);
        graph.operator(
                BuiltinOperator.SOFTMAX, integers ? 2 : 1, BuiltinOptions.SoftmaxOptions, softmax, list(dense), y);
        return graph.end(list(x), y).bytes();
    }

    private static Conv2DOptionsT conv() {
        Conv2DOptionsT options = new Conv2DOptionsT();
        options.setStrideW(1);
        options.setStrideH(1);
        return options;
    }

    private static DepthwiseConv2DOptionsT depthwise() {
        DepthwiseConv2DOptionsT options = new DepthwiseConv2DOptionsT();
        options.setStrideW(2);
        options.setStrideH(2);
        options.setDepthMultiplier(1);
        return options;
    }

    private static Pool2DOptionsT pool() {
        Pool2DOptionsT options = new Pool2DOptionsT();
        options.setPadding((byte) 1);
        options.setStrideW(1);
        options.setStrideH(1);
        options.setFilterWidth(3);
        options.setFilterHeight(3);
        return options;
    }
}
