package dev.cleave.partition.extract;

import dev.cleave.onnx.TensorProto;
import dev.cleave.partition.graph.Graph;
import dev.cleave.partition.graph.ModelException;
import dev.cleave.partition.graph.TensorWalk;

/** Names the precision that a model mostly uses: {@code fp32}, {@code fp16} or {@code int8}. */
public final class Precision {
    private Precision() {}

    /** By the number of stored elements of each kind; without weights, by the element types of the inputs. */
    public static String of(Graph graph) throws ModelException {
        double[] elements = new double[3];
        TensorWalk.graph(graph.proto(), tensor -> {
            double product = 1;
            for (long dim : tensor.getDimsList()) {
                product *= dim;
            }
            if (kind(tensor.getDataType()) >= 0) {
                elements[kind(tensor.getDataType())] += product;
            }
        });
        if (elements[0] + elements[1] + elements[2] == 0) {
            graph.inputs().values().forEach(input -> {
                int kind = kind(input.getType().getTensorType().getElemType());
                // An image is 8 bits wide whatever the network computes in.
                if (kind >= 0 && kind < 2) {
                    elements[kind]++;
                }
            });
        }
        return elements[2] > elements[0] + elements[1] ? "int8" : elements[1] > elements[0] ? "fp16" : "fp32";
    }

    private static int kind(int type) {
        return switch (type) {
            case TensorProto.DataType.FLOAT_VALUE, TensorProto.DataType.DOUBLE_VALUE -> 0;
            case TensorProto.DataType.FLOAT16_VALUE, TensorProto.DataType.BFLOAT16_VALUE -> 1;
            case TensorProto.DataType.INT8_VALUE,
                    TensorProto.DataType.UINT8_VALUE,
                    TensorProto.DataType.INT4_VALUE,
                    TensorProto.DataType.UINT4_VALUE -> 2;
            default -> -1;
        };
    }
}
