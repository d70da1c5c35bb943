package dev.cleave.engine.onnxruntime;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import com.google.protobuf.ByteString;
import com.google.protobuf.CodedOutputStream;
import dev.cleave.tensor.ElementType;
import java.io.IOException;
import java.util.Collections;
import java.util.EnumMap;
import java.util.Map;

/**
 * Makes input tensors of the unsigned types that ONNX Runtime's Java API cannot: uint16, uint32, uint64.
 *
 * <p>ONNX Runtime itself knows them, so a graph of one {@code Cast} from the signed type of the same width makes them.
 * That conversion is modular in C++, hence keeps every bit. It costs one copy of the tensor.
 *
 * <p>Owns one tiny session per type, made when first needed. Thread-safe.
 */
final class UnsignedTensors implements AutoCloseable {
    private static final String INPUT = "signed";

    private final OrtEnvironment environment;
    private final Map<ElementType, OrtSession> casts = new EnumMap<>(ElementType.class);

    UnsignedTensors(OrtEnvironment environment) {
        this.environment = environment;
    }

    static boolean needs(ElementType type) {
        return type == ElementType.UINT16 || type == ElementType.UINT32 || type == ElementType.UINT64;
    }

    /** The same bits as {@code type}. The caller closes the result, whose only value is the tensor. */
    OrtSession.Result convert(OnnxTensor signed, ElementType type) throws OrtException {
        return cast(type).run(Collections.singletonMap(INPUT, signed));
    }

    private synchronized OrtSession cast(ElementType type) throws OrtException {
        OrtSession session = casts.get(type);
        if (session == null) {
            try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
                options.setIntraOpNumThreads(1);
                session = environment.createSession(castModel(type), options);
            }
            casts.put(type, session);
        }
        return session;
    }

    @Override
    public synchronized void close() {
        for (OrtSession session : casts.values()) {
            OnnxRuntimeSession.closeQuietly(session);
        }
        casts.clear();
    }

    /** A serialized {@code ModelProto}: signed -> Cast(to = type) -> unsigned, of any rank. */
    private static byte[] castModel(ElementType type) {
        try {
            ByteString to = message(out -> {
                out.writeString(1, "to");
                out.writeInt64(3, type.onnxCode());
                out.writeInt32(20, 2); // AttributeProto.INT
            });
            ByteString node = message(out -> {
                out.writeString(1, INPUT);
                out.writeString(2, "unsigned");
                out.writeString(4, "Cast");
                out.writeBytes(5, to);
            });
            ByteString graph = message(out -> {
                out.writeBytes(1, node);
                out.writeString(2, "cast");
                out.writeBytes(11, value(INPUT, signedTwin(type)));
                out.writeBytes(12, value("unsigned", type));
            });
            ByteString opset = message(out -> out.writeInt64(2, 13));
            return message(out -> {
                        out.writeInt64(1, 8); // IR version
                        out.writeBytes(7, graph);
                        out.writeBytes(8, opset);
                    })
                    .toByteArray();
        } catch (IOException e) {
            throw new IllegalStateException("writing to memory failed", e);
        }
    }

    private static ByteString value(String name, ElementType type) throws IOException {
        ByteString tensorType = message(out -> out.writeInt32(1, type.onnxCode()));
        ByteString valueType = message(out -> out.writeBytes(1, tensorType));
        return message(out -> {
            out.writeString(1, name);
            out.writeBytes(2, valueType);
        });
    }

    private static ElementType signedTwin(ElementType type) {
        return type == ElementType.UINT16
                ? ElementType.INT16
                : type == ElementType.UINT32 ? ElementType.INT32 : ElementType.INT64;
    }

    private interface Body {
        void write(CodedOutputStream out) throws IOException;
    }

    private static ByteString message(Body body) throws IOException {
        ByteString.Output bytes = ByteString.newOutput();
        CodedOutputStream out = CodedOutputStream.newInstance(bytes);
        body.write(out);
        out.flush();
        return bytes.toByteString();
    }
}
