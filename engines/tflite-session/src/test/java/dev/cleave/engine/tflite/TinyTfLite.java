package dev.cleave.engine.tflite;

import com.google.flatbuffers.FlatBufferBuilder;
import dev.cleave.tensor.ElementType;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.tensorflow.lite.schema.BufferT;
import org.tensorflow.lite.schema.BuiltinOperator;
import org.tensorflow.lite.schema.BuiltinOptionsUnion;
import org.tensorflow.lite.schema.Model;
import org.tensorflow.lite.schema.ModelT;
import org.tensorflow.lite.schema.OperatorCodeT;
import org.tensorflow.lite.schema.OperatorT;
import org.tensorflow.lite.schema.QuantizationParametersT;
import org.tensorflow.lite.schema.SubGraphT;
import org.tensorflow.lite.schema.TensorT;

/** Writes small TensorFlow Lite graphs, tensor by tensor; also such as no converter would write. */
final class TinyTfLite {
    private static final int[] TYPE_CODES = {0, 3, 9, 16, 7, 2, 4, 6, 1, 10, 15, 12, 18};

    private final List<OperatorCodeT> codes = new ArrayList<>();
    private final List<BufferT> buffers = new ArrayList<>();
    private final List<SubGraphT> subgraphs = new ArrayList<>();

    TinyTfLite() {
        buffers.add(new BufferT());
    }

    /** A subgraph under construction; tensors go by the numbers that its methods return. */
    final class Subgraph {
        private final List<TensorT> tensors = new ArrayList<>();
        private final List<OperatorT> operators = new ArrayList<>();

        /** Memory is planned for 1 where a dimension is -1. */
        int tensor(String name, ElementType type, int... signature) {
            TensorT tensor = new TensorT();
            tensor.setName(name);
            tensor.setType(code(type));
            int[] shape = signature.clone();
            for (int axis = 0; axis < shape.length; axis++) {
                shape[axis] = Math.abs(shape[axis]);
            }
            tensor.setShape(shape);
            tensor.setShapeSignature(signature);
            tensors.add(tensor);
            return tensors.size() - 1;
        }

        int constant(String name, int[] shape, float... values) {
            ByteBuffer bytes = ByteBuffer.allocate(values.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
            bytes.asFloatBuffer().put(values);
            int[] data = new int[bytes.capacity()];
            for (int i = 0; i < data.length; i++) {
                data[i] = bytes.get(i) & 0xFF;
            }
            return constant(name, ElementType.FLOAT32, shape, data);
        }

        int constant(String name, ElementType type, int[] shape, Random values) {
            int count = type.bytes();
            for (int size : shape) {
                count *= size;
            }
            int[] data = new int[count];
            for (int i = 0; i < count; i++) {
                data[i] = type == ElementType.FLOAT32 && i % 4 == 3 ? 60 + values.nextInt(3) : values.nextInt(32);
            }
            return constant(name, type, shape, data);
        }

        private int constant(String name, ElementType type, int[] shape, int[] bytes) {
            BufferT buffer = new BufferT();
            buffer.setData(bytes);
            buffers.add(buffer);
            int index = tensor(name, type, shape);
            tensors.get(index).setBuffer(buffers.size() - 1);
            return index;
        }

        /** Gives a tensor scales and zero points of 0, one of each for every index of an axis, or one for all. */
        int quantized(int index, int axis, float... scales) {
            QuantizationParametersT quantization = new QuantizationParametersT();
            quantization.setScale(scales);
            quantization.setZeroPoint(new long[scales.length]);
            quantization.setQuantizedDimension(axis);
            tensors.get(index).setQuantization(quantization);
            return index;
        }

        /** The tensor itself, to make it odd. */
        TensorT at(int index) {
            return tensors.get(index);
        }

        Subgraph operator(int kind, int version, byte optionsType, Object options, int[] inputs, int... outputs) {
            OperatorT operator = new OperatorT();
            operator.setOpcodeIndex(code(kind, version));
            operator.setInputs(inputs);
            operator.setOutputs(outputs);
            if (options != null) {
                BuiltinOptionsUnion union = new BuiltinOptionsUnion();
                union.setType(optionsType);
                union.setValue(options);
                operator.setBuiltinOptions(union);
            }
            operators.add(operator);
            return this;
        }

        TinyTfLite end(int[] inputs, int... outputs) {
            SubGraphT subgraph = new SubGraphT();
            subgraph.setTensors(tensors.toArray(new TensorT[0]));
            subgraph.setOperators(operators.toArray(new OperatorT[0]));
            subgraph.setInputs(inputs);
            subgraph.setOutputs(outputs);
            subgraphs.add(subgraph);
            return TinyTfLite.this;
        }
    }

    Subgraph subgraph() {
        return new Subgraph();
    }

    static int[] list(int... values) {
        return values;
    }

    private static byte code(ElementType type) {
        return (byte) TYPE_CODES[type.ordinal()];
    }

    private int code(int kind, int version) {
        OperatorCodeT code = new OperatorCodeT();
        code.setDeprecatedBuiltinCode((byte) Math.min(kind, BuiltinOperator.PLACEHOLDER_FOR_GREATER_OP_CODES));
        code.setBuiltinCode(kind);
        code.setVersion(version);
        codes.add(code);
        return codes.size() - 1;
    }

    byte[] bytes() {
        ModelT model = new ModelT();
        model.setVersion(3);
        model.setOperatorCodes(codes.toArray(new OperatorCodeT[0]));
        model.setSubgraphs(subgraphs.toArray(new SubGraphT[0]));
        model.setBuffers(buffers.toArray(new BufferT[0]));
        FlatBufferBuilder builder = new FlatBufferBuilder();
        Model.finishModelBuffer(builder, Model.pack(builder, model));
        return builder.sizedByteArray();
    }
}
