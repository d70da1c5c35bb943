package dev.cleave.cli.inputs;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import dev.cleave.onnx.TensorProto;
import dev.cleave.tensor.ElementType;
import dev.cleave.tensor.Shape;
import dev.cleave.tensor.Tensor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;

/** Reads an ONNX {@code TensorProto} from a file of its own, as ONNX's test data keeps inputs. */
final class OnnxTensorFile {
    /**
     * A tensor and what the file calls it.
     *
     * @param name empty if it has none
     */
    record Named(String name, Tensor tensor) {}

    private static final long MAX_FILE_BYTES = 1L << 30;

    private OnnxTensorFile() {}

    static Named read(Path file) throws IOException {
        if (Files.size(file) > MAX_FILE_BYTES) {
            throw new MalformedInputException("has " + Files.size(file) + " bytes; expected a tensor of at most 1 GiB");
        }
        try {
            TensorProto proto = TensorProto.parseFrom(Files.readAllBytes(file));
            return new Named(proto.getName(), tensor(proto));
        } catch (InvalidProtocolBufferException malformed) {
            throw new MalformedInputException("is no ONNX tensor: " + malformed.getMessage(), malformed);
        }
    }

    private static Tensor tensor(TensorProto proto) throws MalformedInputException {
        if (proto.getDataLocation() == TensorProto.DataLocation.EXTERNAL || proto.hasSegment()) {
            throw new MalformedInputException("keeps its data in another file or in segments; expected it inside");
        }
        ElementType type = type(proto);
        Shape shape = shape(proto);
        long stored = proto.hasRawData() ? proto.getRawData().size() / type.bytes() : typedCount(proto, type);
        boolean whole = !proto.hasRawData() || proto.getRawData().size() % type.bytes() == 0;
        if (!whole || stored != elements(shape)) {
            throw new MalformedInputException("holds " + stored + (whole ? "" : " and a fraction") + " values for "
                    + type.jsonName() + shape + "; expected " + elements(shape));
        }
        Tensor tensor = Tensor.allocate(type, shape);
        fill(tensor.data(), proto, type);
        if (type == ElementType.BOOL) {
            Booleans.check(tensor.data());
        }
        return tensor;
    }

    private static ElementType type(TensorProto proto) throws MalformedInputException {
        try {
            return ElementType.fromOnnxCode(proto.getDataType());
        } catch (IllegalArgumentException refused) {
            throw new MalformedInputException(refused.getMessage(), refused);
        }
    }

    private static Shape shape(TensorProto proto) throws MalformedInputException {
        long[] dims = proto.getDimsList().stream().mapToLong(Long::longValue).toArray();
        try {
            Shape shape = Shape.of(dims);
            if (shape.isStatic()) {
                return shape;
            }
        } catch (IllegalArgumentException refused) {
            throw new MalformedInputException(refused.getMessage(), refused);
        }
        throw new MalformedInputException("has dimensions " + proto.getDimsList() + "; expected 0 or more each");
    }

    private static long elements(Shape shape) throws MalformedInputException {
        try {
            return shape.elements();
        } catch (ArithmeticException overflow) {
            throw new MalformedInputException("has shape " + shape + ", more than can be stored", overflow);
        }
    }

    /** The specification says which list holds which type. */
    private static int typedCount(TensorProto proto, ElementType type) {
        return switch (type) {
            case FLOAT32 -> proto.getFloatDataCount();
            case FLOAT64 -> proto.getDoubleDataCount();
            case INT64 -> proto.getInt64DataCount();
            case UINT32, UINT64 -> proto.getUint64DataCount();
            default -> proto.getInt32DataCount();
        };
    }

    private static void fill(ByteBuffer data, TensorProto proto, ElementType type) {
        if (proto.hasRawData()) {
            ByteString raw = proto.getRawData();
            raw.copyTo(data);
            return;
        }
        int count = typedCount(proto, type);
        for (int i = 0; i < count; i++) {
            switch (type) {
                case FLOAT32 -> data.putFloat(proto.getFloatData(i));
                case FLOAT64 -> data.putDouble(proto.getDoubleData(i));
                case INT64 -> data.putLong(proto.getInt64Data(i));
                case UINT64 -> data.putLong(proto.getUint64Data(i));
                case UINT32 -> data.putInt((int) proto.getUint64Data(i));
                case INT32 -> data.putInt(proto.getInt32Data(i));
                case INT16, UINT16, FLOAT16, BFLOAT16 -> data.putShort((short) proto.getInt32Data(i));
                case INT8, UINT8, BOOL -> data.put((byte) proto.getInt32Data(i));
            }
        }
    }
}
