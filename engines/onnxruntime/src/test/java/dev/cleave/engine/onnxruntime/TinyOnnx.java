package dev.cleave.engine.onnxruntime;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedOutputStream;
import dev.cleave.tensor.ElementType;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/**
 * Writes small ONNX models, field by field as onnx.proto numbers them; also such as no exporter would write. Parts are
 * encoded messages ({@link ByteString}); a model is {@link #model} of a {@link Graph}.
 */
final class TinyOnnx {
    interface Body {
        void write(CodedOutputStream out) throws IOException;
    }

    private TinyOnnx() {}

    static ByteString message(Body body) {
        ByteString.Output bytes = ByteString.newOutput();
        CodedOutputStream out = CodedOutputStream.newInstance(bytes);
        try {
            body.write(out);
            out.flush();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteString();
    }

    static byte[] model(Graph graph) {
        return model(8, 17, graph);
    }

    static byte[] model(int irVersion, int opset, Graph graph) {
        return message(out -> {
                    out.writeInt64(1, irVersion);
                    out.writeBytes(7, graph.encoded());
                    out.writeBytes(8, message(version -> version.writeInt64(2, opset)));
                })
                .toByteArray();
    }

    /** A {@code GraphProto} under construction. */
    static final class Graph {
        private final List<ByteString> nodes = new ArrayList<>();
        private final List<ByteString> initializers = new ArrayList<>();
        private final List<ByteString> sparse = new ArrayList<>();
        private final List<ByteString> inputs = new ArrayList<>();
        private final List<ByteString> outputs = new ArrayList<>();

        Graph node(String operation, String inputNames, String outputNames, ByteString... attributes) {
            nodes.add(message(out -> {
                for (String name : words(inputNames)) {
                    out.writeString(1, name);
                }
                for (String name : words(outputNames)) {
                    out.writeString(2, name);
                }
                out.writeString(4, operation);
                for (ByteString attribute : attributes) {
                    out.writeBytes(5, attribute);
                }
            }));
            return this;
        }

        /** Dimensions are numbers or names ({@code "N 4"}); null: no shape at all. */
        Graph input(String name, int type, String dims) {
            return input(value(name, tensorType(type, dims)));
        }

        Graph output(String name, int type, String dims) {
            return output(value(name, tensorType(type, dims)));
        }

        Graph input(ByteString value) {
            inputs.add(value);
            return this;
        }

        Graph output(ByteString value) {
            outputs.add(value);
            return this;
        }

        Graph initializer(ByteString tensor) {
            initializers.add(tensor);
            return this;
        }

        Graph sparseInitializer(ByteString tensor) {
            sparse.add(tensor);
            return this;
        }

        ByteString encoded() {
            return message(out -> {
                for (ByteString node : nodes) {
                    out.writeBytes(1, node);
                }
                out.writeString(2, "tiny");
                for (ByteString tensor : initializers) {
                    out.writeBytes(5, tensor);
                }
                for (ByteString input : inputs) {
                    out.writeBytes(11, input);
                }
                for (ByteString output : outputs) {
                    out.writeBytes(12, output);
                }
                for (ByteString tensor : sparse) {
                    out.writeBytes(15, tensor);
                }
            });
        }
    }

    static ByteString value(String name, ByteString type) {
        return message(out -> {
            out.writeString(1, name);
            out.writeBytes(2, type);
        });
    }

    static ByteString tensorType(int elementType, String dims) {
        ByteString tensor = message(out -> {
            out.writeInt32(1, elementType);
            if (dims != null) {
                out.writeBytes(2, shape(dims));
            }
        });
        return message(out -> out.writeBytes(1, tensor));
    }

    /** A sequence (field 4) or optional (field 9) of float tensors. */
    static ByteString typeOf(int field) {
        ByteString element = message(out -> out.writeBytes(1, tensorType(1, "2")));
        return message(out -> out.writeBytes(field, element));
    }

    private static ByteString shape(String dims) {
        return message(out -> {
            for (String dim : words(dims)) {
                out.writeBytes(1, message(size -> {
                    if (Character.isDigit(dim.charAt(0)) || dim.charAt(0) == '-') {
                        size.writeInt64(1, Long.parseLong(dim));
                    } else if (!dim.equals("?")) {
                        size.writeString(2, dim);
                    }
                }));
            }
        });
    }

    static ByteString floats(String name, long[] dims, float... values) {
        ByteBuffer raw = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
        raw.asFloatBuffer().put(values);
        return raw(name, ElementType.FLOAT32.onnxCode(), raw.array(), dims);
    }

    static ByteString longs(String name, long[] dims, long... values) {
        ByteBuffer raw = ByteBuffer.allocate(8 * values.length).order(ByteOrder.LITTLE_ENDIAN);
        raw.asLongBuffer().put(values);
        return raw(name, ElementType.INT64.onnxCode(), raw.array(), dims);
    }

    static ByteString raw(String name, int type, byte[] bytes, long... dims) {
        return message(out -> {
            header(out, name, type, dims);
            out.writeByteArray(9, bytes);
        });
    }

    /** An external tensor; entries are key, value, key, value ... */
    static ByteString external(String name, int type, long[] dims, String... entries) {
        return message(out -> {
            header(out, name, type, dims);
            writeEntries(out, entries);
            out.writeInt32(14, 1);
        });
    }

    static void header(CodedOutputStream out, String name, int type, long... dims) throws IOException {
        for (long dim : dims) {
            out.writeInt64(1, dim);
        }
        out.writeInt32(2, type);
        out.writeString(8, name);
    }

    static void writeEntries(CodedOutputStream out, String... entries) throws IOException {
        for (int i = 0; i < entries.length; i += 2) {
            String key = entries[i];
            String value = entries[i + 1];
            out.writeBytes(13, message(entry -> {
                entry.writeString(1, key);
                entry.writeString(2, value);
            }));
        }
    }

    static ByteString intAttribute(String name, long value) {
        return message(out -> {
            out.writeString(1, name);
            out.writeInt64(3, value);
            out.writeInt32(20, 2);
        });
    }

    static ByteString tensorAttribute(String name, ByteString... tensors) {
        return message(out -> {
            out.writeString(1, name);
            for (ByteString tensor : tensors) {
                out.writeBytes(5, tensor);
            }
            out.writeInt32(20, 4);
        });
    }

    static ByteString graphAttribute(String name, Graph graph) {
        return message(out -> {
            out.writeString(1, name);
            out.writeBytes(6, graph.encoded());
            out.writeInt32(20, 5);
        });
    }

    static long[] dims(long... dims) {
        return dims;
    }

    private static String[] words(String text) {
        return text.isEmpty() ? new String[0] : text.split(" ", -1);
    }
}
