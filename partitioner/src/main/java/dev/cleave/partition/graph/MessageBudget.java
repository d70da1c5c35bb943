package dev.cleave.partition.graph;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.WireFormat;
import java.io.IOException;
import java.util.Map;

/**
 * Counts the messages and strings of a serialized model before it is parsed, so that a small hostile file cannot fill
 * the heap: an empty submessage takes two bytes in the file and about a hundred as an object.
 *
 * <p>The walk allocates nothing but a few small frames; its depth is bounded.
 */
final class MessageBudget {
    /** Several times what the largest published graphs hold (about a hundred thousand nodes). */
    static final int MOST_FIELDS = 8_000_000;

    private static final int DEEPEST = 100;

    /** Message types of onnx.proto, as far as they nest; the map takes a field number to the type of its value. */
    private enum Kind {
        LEAF,
        MODEL,
        GRAPH,
        NODE,
        ATTRIBUTE,
        TENSOR,
        SPARSE,
        VALUE,
        FUNCTION;

        private Map<Integer, Kind> fields = Map.of();

        static {
            MODEL.fields = Map.of(7, GRAPH, 8, LEAF, 14, LEAF, 20, LEAF, 25, FUNCTION);
            GRAPH.fields = Map.of(1, NODE, 5, TENSOR, 11, VALUE, 12, VALUE, 13, VALUE, 14, LEAF, 15, SPARSE, 16, LEAF);
            NODE.fields = Map.of(5, ATTRIBUTE, 9, LEAF);
            ATTRIBUTE.fields = Map.of(5, TENSOR, 6, GRAPH, 10, TENSOR, 11, GRAPH, 22, SPARSE, 23, SPARSE);
            TENSOR.fields = Map.of(13, LEAF, 16, LEAF);
            SPARSE.fields = Map.of(1, TENSOR, 2, TENSOR);
            VALUE.fields = Map.of(2, LEAF, 4, LEAF);
            FUNCTION.fields = Map.of(7, NODE, 9, LEAF, 11, ATTRIBUTE, 12, VALUE, 14, LEAF);
        }
    }

    private final CodedInputStream in;
    private long fields;

    private MessageBudget(CodedInputStream in) {
        this.in = in;
    }

    /**
     * @throws ModelException if there are more than {@link #MOST_FIELDS}
     * @throws IOException if the bytes are not a protobuf message
     */
    static void check(byte[] model, String label) throws IOException {
        new MessageBudget(CodedInputStream.newInstance(model)).walk(Kind.MODEL, 0, label);
    }

    private void walk(Kind kind, int depth, String label) throws IOException {
        if (depth > DEEPEST) {
            throw new ModelException(label + " nests deeper than " + DEEPEST + " messages");
        }
        for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
            if (WireFormat.getTagWireType(tag) != WireFormat.WIRETYPE_LENGTH_DELIMITED) {
                in.skipField(tag);
                continue;
            }
            if (++fields > MOST_FIELDS) {
                throw new ModelException(label + " holds more than " + MOST_FIELDS + " messages and strings");
            }
            int length = in.readRawVarint32();
            Kind child = kind.fields.get(WireFormat.getTagFieldNumber(tag));
            if (child == null || child == Kind.LEAF) {
                in.skipRawBytes(length);
            } else {
                int limit = in.pushLimit(length);
                walk(child, depth + 1, label);
                in.popLimit(limit);
            }
        }
    }
}
