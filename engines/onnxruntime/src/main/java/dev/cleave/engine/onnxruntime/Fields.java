package dev.cleave.engine.onnxruntime;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.WireFormat;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/**
 * A cursor over the fields of one protobuf message that lies in {@code from .. to} of an array. Copies nothing.
 *
 * <p>Groups, which ONNX never uses, are refused as malformed, like every length that leaves the message.
 *
 * <p>Source: Protocol Buffers, "Encoding".
 */
final class Fields {
    private final byte[] bytes;
    private final int from;
    private final CodedInputStream in;
    private int start;
    private int valueStart;
    private int tag;
    private long varint;

    Fields(byte[] bytes, int from, int to) {
        this.bytes = bytes;
        this.from = from;
        this.in = CodedInputStream.newInstance(bytes, from, to - from);
    }

    /** Moves to the next field; false at the end of the message. */
    boolean next() throws IOException {
        start = position();
        tag = in.readTag();
        if (tag == 0) {
            return false;
        }
        switch (WireFormat.getTagWireType(tag)) {
            case WireFormat.WIRETYPE_VARINT:
                varint = in.readRawVarint64();
                break;
            case WireFormat.WIRETYPE_FIXED64:
                in.skipRawBytes(8);
                break;
            case WireFormat.WIRETYPE_FIXED32:
                in.skipRawBytes(4);
                break;
            case WireFormat.WIRETYPE_LENGTH_DELIMITED:
                int length = in.readRawVarint32();
                valueStart = position();
                in.skipRawBytes(length);
                break;
            default:
                throw new InvalidProtocolBufferException("field of a wire type that is not known");
        }
        return true;
    }

    /** Whether the field is {@code number} and holds a string, bytes, a message or packed numbers. */
    boolean isDelimited(int number) {
        return tag == (number << 3 | WireFormat.WIRETYPE_LENGTH_DELIMITED);
    }

    boolean isVarint(int number) {
        return tag == (number << 3 | WireFormat.WIRETYPE_VARINT);
    }

    boolean isDelimited() {
        return WireFormat.getTagWireType(tag) == WireFormat.WIRETYPE_LENGTH_DELIMITED;
    }

    int number() {
        return WireFormat.getTagFieldNumber(tag);
    }

    int tag() {
        return tag;
    }

    /** Where the field's tag starts. */
    int start() {
        return start;
    }

    /** Where the next field starts. */
    int end() {
        return position();
    }

    long varint() {
        return varint;
    }

    /** Where the value of a delimited field starts; it ends at {@link #end}. */
    int valueStart() {
        return valueStart;
    }

    String string() {
        return new String(bytes, valueStart, end() - valueStart, StandardCharsets.UTF_8);
    }

    /** The message in a delimited field. */
    Fields message() {
        return new Fields(bytes, valueStart, end());
    }

    /** The numbers of a packed repeated field, one at a time. */
    CodedInputStream packed() {
        return CodedInputStream.newInstance(bytes, valueStart, end() - valueStart);
    }

    private int position() {
        return from + in.getTotalBytesRead();
    }
}
