package dev.cleave.partition.tflite.flat;

import dev.cleave.tensor.ElementType;
import java.util.Arrays;
import java.util.List;
import org.tensorflow.lite.schema.BuiltinOperator;

/**
 * Which version of its operator a node needs: the least one that has what it uses, so that interpreters as old as can be
 * accept the model. After TensorFlow Lite's table of versions ({@code tools/versioning/op_version.cc}).
 */
final class OperatorVersion {
    private OperatorVersion() {}

    static int of(FlatOperator operator, List<FlatTensor> tensors) {
        List<FlatTensor> inputs = Arrays.stream(operator.inputs())
                .filter(index -> index >= 0)
                .mapToObj(tensors::get)
                .toList();
        int least = operator.options().leastVersion();
        return Math.max(least, ofKernel(operator.code(), inputs, tensors.get(operator.outputs()[0])));
    }

    private static int ofKernel(int code, List<FlatTensor> inputs, FlatTensor output) {
        ElementType type = inputs.isEmpty() ? output.type() : inputs.get(0).type();
        int rank =
                inputs.stream().mapToInt(input -> input.extent().rank()).max().orElse(0);
        boolean isInt8 = type == ElementType.INT8;
        return switch (code) {
            case BuiltinOperator.CONV_2D, BuiltinOperator.DEPTHWISE_CONV_2D -> isInt8 ? 3 : 1;
            case BuiltinOperator.TRANSPOSE_CONV -> inputs.size() > 3 ? 3 : 1;
            case BuiltinOperator.MUL -> ofProduct(inputs, output);
            case BuiltinOperator.ADD -> type == ElementType.INT64 ? 4 : isInt8 ? 2 : 1;
            case BuiltinOperator.SUB ->
                type == ElementType.INT64 ? 4 : rank > 4 && isBroadcast(inputs) ? 3 : isInt8 ? 2 : 1;
            case BuiltinOperator.DIV -> rank > 4 && isBroadcast(inputs) ? 2 : 1;
            case BuiltinOperator.MAXIMUM, BuiltinOperator.MINIMUM ->
                rank > 4 && isBroadcast(inputs) ? 3 : isInt8 ? 2 : 1;
            case BuiltinOperator.TRANSPOSE ->
                rank > 5 ? 6 : rank > 4 ? 4 : type == ElementType.BOOL ? 3 : isInt8 ? 2 : 1;
            case BuiltinOperator.STRIDED_SLICE -> rank > 4 ? 4 : type == ElementType.BOOL ? 3 : isInt8 ? 2 : 1;
            case BuiltinOperator.PAD, BuiltinOperator.PADV2 -> rank > 4 ? 4 : isInt8 ? 2 : 1;
            case BuiltinOperator.GATHER -> type == ElementType.BOOL ? 3 : isInt8 ? 2 : 1;
            case BuiltinOperator.SPLIT, BuiltinOperator.SPLIT_V -> ofSplit(inputs);
            case BuiltinOperator.TILE -> isInt8 ? 3 : 1;
            case BuiltinOperator.BROADCAST_TO -> isInt8 ? 3 : 2;
            case BuiltinOperator.ABS -> type == ElementType.INT32 ? 5 : isInt8 ? 2 : 1;
            case BuiltinOperator.AVERAGE_POOL_2D,
                    BuiltinOperator.MAX_POOL_2D,
                    BuiltinOperator.CONCATENATION,
                    BuiltinOperator.MEAN,
                    BuiltinOperator.SUM,
                    BuiltinOperator.REDUCE_MAX,
                    BuiltinOperator.REDUCE_MIN,
                    BuiltinOperator.MIRROR_PAD,
                    BuiltinOperator.LOGISTIC,
                    BuiltinOperator.TANH,
                    BuiltinOperator.SOFTMAX,
                    BuiltinOperator.RELU,
                    BuiltinOperator.RELU6,
                    BuiltinOperator.DEQUANTIZE,
                    BuiltinOperator.RESIZE_NEAREST_NEIGHBOR,
                    BuiltinOperator.RESIZE_BILINEAR,
                    BuiltinOperator.DEPTH_TO_SPACE,
                    BuiltinOperator.SPACE_TO_DEPTH,
                    BuiltinOperator.ARG_MAX,
                    BuiltinOperator.ARG_MIN -> isInt8 ? 2 : 1;
            default -> 1;
        };
    }

    private static int ofProduct(List<FlatTensor> inputs, FlatTensor output) {
        if (inputs.get(0).type() == ElementType.INT64) {
            return 5;
        }
        if (inputs.get(0).type() != ElementType.INT8) {
            return 1;
        }
        double factor = (double) inputs.get(0).quantization().scale()
                * inputs.get(1).quantization().scale()
                / output.quantization().scale();
        return factor >= 1 ? 3 : 2;
    }

    /** SPLIT has the axis before what it splits. */
    private static int ofSplit(List<FlatTensor> inputs) {
        return inputs.stream().anyMatch(input -> input.type() == ElementType.INT8) ? 2 : 1;
    }

    private static boolean isBroadcast(List<FlatTensor> inputs) {
        return inputs.size() > 1 && !inputs.get(0).extent().equals(inputs.get(1).extent());
    }
}
