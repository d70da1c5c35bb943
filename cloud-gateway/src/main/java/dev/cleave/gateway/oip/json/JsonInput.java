package dev.cleave.gateway.oip.json;

import com.fasterxml.jackson.core.JsonToken;
import dev.cleave.gateway.oip.Datatype;
import dev.cleave.gateway.oip.InputTensor;
import dev.cleave.gateway.oip.OipException;
import dev.cleave.gateway.oip.Quoted;
import dev.cleave.tensor.ElementType;
import dev.cleave.tensor.Shape;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * An input whose elements stand in a body: as a list in its JSON, flat or nested as the shape says, or as bytes behind that.
 *
 * @param count elements in the list, or -1 where they are bytes
 * @param from first byte of the list, or of the elements
 * @param to behind the last
 */
record JsonInput(String name, String datatype, long[] shape, long count, byte[] body, int from, int to)
        implements InputTensor {
    @Override
    public void requireElements(ElementType type, long elements) throws OipException {
        long expected = count >= 0 || elements > Integer.MAX_VALUE ? elements : elements * type.bytes();
        long given = count >= 0 ? count : to - from;
        if (given != expected) {
            throw OipException.malformed("input " + Quoted.of(name) + " has " + given
                    + (count >= 0 ? " elements" : " bytes") + "; expected " + expected + " for "
                    + Datatype.of(type) + Shape.of(shape));
        }
    }

    @Override
    public void write(ElementType type, Shape dims, ByteBuffer into) throws OipException {
        if (count < 0) {
            into.put(body, from, to - from);
            return;
        }
        try {
            JsonCursor.read(body, from, to, json -> {
                JsonToken first = json.next();
                if (first == JsonToken.START_ARRAY) {
                    nested(json, type, dims, into);
                } else {
                    flat(json, type, into);
                }
            });
        } catch (OipException refused) {
            throw OipException.malformed("input " + Quoted.of(name) + ": " + refused.getMessage());
        }
    }

    /** The list was begun; the current token is its first. As many elements follow as were counted. */
    private static void flat(JsonCursor json, ElementType type, ByteBuffer into) throws IOException, OipException {
        while (json.current() != JsonToken.END_ARRAY) {
            if (json.current() == JsonToken.START_ARRAY) {
                throw OipException.malformed("a list stands among the elements; expected all flat, or all nested");
            }
            JsonElements.put(type, json.element(), into);
            json.next();
        }
    }

    /** As {@link #flat}, where the first of the list is a list itself: all must be nested as the shape says. */
    private static void nested(JsonCursor json, ElementType type, Shape dims, ByteBuffer into)
            throws IOException, OipException {
        long[] seen = new long[dims.rank() + 1];
        int depth = 1;
        while (depth > 0) {
            JsonToken token = json.current();
            if (token == JsonToken.END_ARRAY) {
                depth--;
                if (depth >= dims.rank() || seen[depth] != dims.dim(depth)) {
                    throw unlike(dims);
                }
                seen[depth] = 0;
            } else if (depth > dims.rank()) {
                throw unlike(dims);
            } else {
                seen[depth - 1]++;
                if (token == JsonToken.START_ARRAY) {
                    depth++;
                } else if (depth != dims.rank()) {
                    throw unlike(dims);
                } else {
                    JsonElements.put(type, json.element(), into);
                }
            }
            if (depth > 0) {
                json.next();
            }
        }
    }

    private static OipException unlike(Shape dims) {
        return OipException.malformed(
                "lists are nested otherwise than shape " + dims + " says; expected that, or all flat");
    }
}
