package dev.cleave.engine.onnxruntime;

import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.TensorInfo;
import dev.cleave.tensor.ElementType;
import dev.cleave.tensor.Shape;
import dev.cleave.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/**
 * The native tensor objects of one run; closing this closes them all. They share the buffers of the {@link Tensor}s
 * they stand for, in both directions.
 */
final class NativeTensors implements AutoCloseable {
    private final OrtEnvironment environment;
    private final UnsignedTensors unsigned;
    private final List<AutoCloseable> open = new ArrayList<>();

    NativeTensors(OrtEnvironment environment, UnsignedTensors unsigned) {
        this.environment = environment;
        this.unsigned = unsigned;
    }

    /** The tensor as something a run can read. */
    OnnxTensor wrapInput(Tensor tensor) throws OrtException {
        OnnxTensor wrapped = wrap(tensor);
        if (!UnsignedTensors.needs(tensor.type())) {
            return wrapped;
        }
        OrtSession.Result converted = unsigned.convert(wrapped, tensor.type());
        open.add(converted);
        return (OnnxTensor) converted.get(0);
    }

    /** The tensor as something a run can write; only for types of which {@link #canPin} is true. */
    OnnxTensor wrapOutput(Tensor tensor) throws OrtException {
        return wrap(tensor);
    }

    /** Whether the Java API can make a tensor of this type over a buffer. */
    static boolean canPin(ElementType type) {
        return !UnsignedTensors.needs(type);
    }

    /** @throws IllegalArgumentException naming the type, if it cannot cross a boundary */
    static ElementType type(TensorInfo info) {
        switch (info.onnxType) {
            case ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT:
                return ElementType.FLOAT32;
            case ONNX_TENSOR_ELEMENT_DATA_TYPE_DOUBLE:
                return ElementType.FLOAT64;
            case ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT16:
                return ElementType.FLOAT16;
            case ONNX_TENSOR_ELEMENT_DATA_TYPE_BFLOAT16:
                return ElementType.BFLOAT16;
            case ONNX_TENSOR_ELEMENT_DATA_TYPE_INT8:
                return ElementType.INT8;
            case ONNX_TENSOR_ELEMENT_DATA_TYPE_UINT8:
                return ElementType.UINT8;
            case ONNX_TENSOR_ELEMENT_DATA_TYPE_INT16:
                return ElementType.INT16;
            case ONNX_TENSOR_ELEMENT_DATA_TYPE_UINT16:
                return ElementType.UINT16;
            case ONNX_TENSOR_ELEMENT_DATA_TYPE_INT32:
                return ElementType.INT32;
            case ONNX_TENSOR_ELEMENT_DATA_TYPE_UINT32:
                return ElementType.UINT32;
            case ONNX_TENSOR_ELEMENT_DATA_TYPE_INT64:
                return ElementType.INT64;
            case ONNX_TENSOR_ELEMENT_DATA_TYPE_UINT64:
                return ElementType.UINT64;
            case ONNX_TENSOR_ELEMENT_DATA_TYPE_BOOL:
                return ElementType.BOOL;
            default:
                throw new IllegalArgumentException(
                        "element type " + info.onnxType + " cannot cross a boundary; expected a numeric or bool type");
        }
    }

    /** Copies what ONNX Runtime allocated into {@code target}, or into a new tensor if that is null. */
    static Tensor copyOf(OnnxTensor value, Tensor target) {
        Shape shape = Shape.of(value.getInfo().getShape());
        Tensor copy = target != null ? target : Tensor.allocate(type(value.getInfo()), shape);
        if (copy.bytes() > 0) {
            copy.data().put(value.getByteBuffer());
        }
        return copy;
    }

    private OnnxTensor wrap(Tensor tensor) throws OrtException {
        OnnxTensor wrapped = OnnxTensor.createTensor(
                environment, tensor.data(), tensor.shape().dims(), javaType(tensor.type()));
        open.add(wrapped);
        return wrapped;
    }

    /** The Java API's type of the same width; for unsigned types it lacks, the signed one. */
    private static OnnxJavaType javaType(ElementType type) {
        switch (type) {
            case FLOAT32:
                return OnnxJavaType.FLOAT;
            case FLOAT64:
                return OnnxJavaType.DOUBLE;
            case FLOAT16:
                return OnnxJavaType.FLOAT16;
            case BFLOAT16:
                return OnnxJavaType.BFLOAT16;
            case INT8:
                return OnnxJavaType.INT8;
            case UINT8:
                return OnnxJavaType.UINT8;
            case BOOL:
                return OnnxJavaType.BOOL;
            case INT16:
            case UINT16:
                return OnnxJavaType.INT16;
            case INT32:
            case UINT32:
                return OnnxJavaType.INT32;
            case INT64:
            case UINT64:
                return OnnxJavaType.INT64;
            default:
                throw new IllegalArgumentException("element type " + type + " has no counterpart in ONNX Runtime");
        }
    }

    @Override
    public void close() {
        for (AutoCloseable value : open) {
            if (value instanceof OrtSession.Result) {
                ((OrtSession.Result) value).close();
            } else {
                ((OnnxTensor) value).close();
            }
        }
        open.clear();
    }
}
