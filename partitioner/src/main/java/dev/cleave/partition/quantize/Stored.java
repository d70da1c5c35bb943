package dev.cleave.partition.quantize;

import com.google.protobuf.ByteString;
import dev.cleave.onnx.AttributeProto;
import dev.cleave.onnx.NodeProto;
import dev.cleave.onnx.TensorProto;
import dev.cleave.partition.graph.TensorData;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.List;

/** Values that a model stores: tensors as arrays, attributes of nodes. */
final class Stored {
    /** Of what is written here: the version that goes with the operator set. */
    static final int IR_VERSION = 7;

    private Stored() {}

    /** The values of a float tensor; null if it has another type. */
    static float[] floats(TensorData data, TensorProto tensor) {
        if (tensor.getDataType() != TensorProto.DataType.FLOAT_VALUE) {
            return null;
        }
        FloatBuffer from = data.bytes()
                .asReadOnlyByteBuffer()
                .order(ByteOrder.LITTLE_ENDIAN)
                .asFloatBuffer();
        float[] values = new float[from.remaining()];
        from.get(values);
        return values;
    }

    static TensorProto floats(String name, List<Long> dims, float[] values) {
        ByteBuffer raw = ByteBuffer.allocate(Float.BYTES * values.length).order(ByteOrder.LITTLE_ENDIAN);
        raw.asFloatBuffer().put(values);
        return tensor(name, TensorProto.DataType.FLOAT_VALUE, dims, raw.array());
    }

    static TensorProto ints(String name, List<Long> dims, int[] values) {
        ByteBuffer raw = ByteBuffer.allocate(Integer.BYTES * values.length).order(ByteOrder.LITTLE_ENDIAN);
        raw.asIntBuffer().put(values);
        return tensor(name, TensorProto.DataType.INT32_VALUE, dims, raw.array());
    }

    /** An 8-bit tensor of type {@code INT8} or {@code UINT8}. */
    static TensorProto bytes(String name, int type, List<Long> dims, byte[] values) {
        return tensor(name, type, dims, values);
    }

    private static TensorProto tensor(String name, int type, List<Long> dims, byte[] raw) {
        return TensorProto.newBuilder()
                .setName(name)
                .setDataType(type)
                .addAllDims(dims)
                .setRawData(ByteString.copyFrom(raw))
                .build();
    }

    /** An attribute by name, or null. */
    static AttributeProto attribute(NodeProto node, String name) {
        for (AttributeProto attribute : node.getAttributeList()) {
            if (attribute.getName().equals(name)) {
                return attribute;
            }
        }
        return null;
    }

    static long integer(NodeProto node, String name, long otherwise) {
        AttributeProto attribute = attribute(node, name);
        return attribute == null ? otherwise : attribute.getI();
    }

    static float number(NodeProto node, String name, float otherwise) {
        AttributeProto attribute = attribute(node, name);
        return attribute == null ? otherwise : attribute.getF();
    }

    static String text(NodeProto node, String name, String otherwise) {
        AttributeProto attribute = attribute(node, name);
        return attribute == null ? otherwise : attribute.getS().toStringUtf8();
    }
}
