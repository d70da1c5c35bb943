package dev.cleave.partition.graph;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.UnsafeByteOperations;
import dev.cleave.engine.GraphSource;
import dev.cleave.engine.WeightsRegion;
import dev.cleave.onnx.FunctionProto;
import dev.cleave.onnx.ModelProto;
import dev.cleave.onnx.TensorProto;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.IdentityHashMap;
import java.util.Map;

/**
 * A model file as it was read: its protobuf message, checked tensors, and where its external weights lie. Immutable.
 *
 * <p>The file is treated as hostile. What is checked here: that it is an ONNX model at all, that every tensor in it
 * (initializers, attributes, bodies of control flow, local functions) has exactly the data that its dimensions ask for,
 * and that external data stays inside the model's own folder. The wiring of the graph is checked by {@link Graph}.
 */
public final class OnnxModel {
    /** Protobuf's own limit; larger models keep their weights in external data. */
    static final long LARGEST_FILE = Integer.MAX_VALUE - 8L;

    private final Path file;
    private final String sha256;
    private final ModelProto proto;
    private final Map<TensorProto, WeightsRegion> external;

    private OnnxModel(Path file, String sha256, ModelProto proto, Map<TensorProto, WeightsRegion> external) {
        this.file = file;
        this.sha256 = sha256;
        this.proto = proto;
        this.external = external;
    }

    /**
     * Reads and checks a model.
     *
     * @throws ModelException naming the file and what is wrong with it
     */
    public static OnnxModel read(Path file) throws ModelException {
        byte[] bytes = readBytes(file);
        String label = "model " + file;
        ModelProto proto = parse(bytes, label);
        return new OnnxModel(file, sha256(bytes), proto, checkTensors(proto, label, new ExternalData(file)));
    }

    /**
     * Checks a graph as an engine would get it: its external data is where the source says, and nowhere else.
     *
     * @throws ModelException naming the graph and what is wrong with it
     */
    public static OnnxModel of(GraphSource source) throws ModelException {
        String label = "graph " + source.label();
        if (source.graph().length == 0) {
            throw new ModelException(label + " is empty");
        }
        ModelProto proto = parse(source.graph(), label);
        Map<TensorProto, WeightsRegion> external = checkTensors(proto, label, new ExternalData(source));
        return new OnnxModel(Path.of("graph"), sha256(source.graph()), proto, external);
    }

    /** The same model with another graph or other opsets; tensors that are still in it keep their external data. */
    public OnnxModel with(ModelProto changed) {
        return new OnnxModel(file, sha256, changed, external);
    }

    public Path file() {
        return file;
    }

    /** SHA-256 of the model file (without its external data), lower-case hex. */
    public String sha256() {
        return sha256;
    }

    public ModelProto proto() {
        return proto;
    }

    /** The region of an external tensor, or null for a tensor whose data is in the model. */
    public WeightsRegion external(TensorProto tensor) {
        return external.get(tensor);
    }

    /** The raw little-endian data of one of this model's tensors, wherever it is. */
    public TensorData data(TensorProto tensor) {
        return TensorData.of(tensor, external.get(tensor));
    }

    private static byte[] readBytes(Path file) throws ModelException {
        try {
            if (!Files.exists(file)) {
                throw new ModelException("model " + file + ": no such file");
            }
            if (!Files.isRegularFile(file)) {
                throw new ModelException("model " + file + " is a directory or device; expected an .onnx file");
            }
            long size = Files.size(file);
            if (size == 0) {
                throw new ModelException("model " + file + " is empty");
            }
            if (size > LARGEST_FILE) {
                throw new ModelException("model " + file + " is " + size
                        + " bytes; expected at most 2 GiB with larger weights as external data");
            }
            return Files.readAllBytes(file);
        } catch (ModelException alreadyNamed) {
            throw alreadyNamed;
        } catch (IOException unreadable) {
            throw new ModelException("model " + file + " cannot be read: " + unreadable, unreadable);
        }
    }

    private static ModelProto parse(byte[] bytes, String label) throws ModelException {
        refuseOtherKinds(bytes, label);
        ModelProto proto;
        try {
            MessageBudget.check(bytes, label);
            // Aliasing: byte fields share the array that was read, instead of copying every weight once more.
            CodedInputStream in = UnsafeByteOperations.unsafeWrap(bytes).newCodedInput();
            in.enableAliasing(true);
            proto = ModelProto.parseFrom(in);
        } catch (ModelException alreadyNamed) {
            throw alreadyNamed;
        } catch (InvalidProtocolBufferException malformed) {
            boolean truncated = String.valueOf(malformed.getMessage()).contains("ended unexpectedly");
            throw new ModelException(
                    label + " is not an ONNX model: " + (truncated ? "the file is truncated" : "malformed protobuf"),
                    malformed);
        } catch (IOException unexpected) {
            throw new ModelException(label + " is not an ONNX model: " + unexpected.getMessage(), unexpected);
        }
        if (!proto.hasGraph() || proto.getIrVersion() < 1) {
            throw new ModelException(
                    label + " is not an ONNX model: it holds no " + (proto.hasGraph() ? "IR version" : "graph"));
        }
        if (proto.getOpsetImportCount() == 0) {
            throw new ModelException(
                    label + " imports no operator set; expected at least one (is the file truncated?)");
        }
        return proto;
    }

    private static void refuseOtherKinds(byte[] bytes, String label) throws ModelException {
        String start = new String(bytes, 0, Math.min(bytes.length, 256), StandardCharsets.ISO_8859_1);
        if (start.startsWith("version https://git-lfs")) {
            throw new ModelException(label + " is a Git LFS pointer, not the model; fetch it with git lfs pull");
        }
        if (start.startsWith("PK\3\4")) {
            throw new ModelException(label + " is a zip archive; expected an .onnx file");
        }
        if (start.chars().allMatch(c -> c >= ' ' && c < 127 || c == '\n' || c == '\r' || c == '\t')) {
            throw new ModelException(label + " is text; expected an ONNX model");
        }
    }

    private static Map<TensorProto, WeightsRegion> checkTensors(ModelProto proto, String label, ExternalData external)
            throws ModelException {
        Map<TensorProto, WeightsRegion> regions = new IdentityHashMap<>();
        TensorWalk.Visitor check = tensor -> {
            WeightsRegion region = TensorCheck.isExternal(tensor) ? external.resolve(tensor) : null;
            TensorCheck.check(tensor, region, label);
            if (region != null) {
                regions.put(tensor, region);
            }
        };
        TensorWalk.graph(proto.getGraph(), check);
        for (FunctionProto function : proto.getFunctionsList()) {
            TensorWalk.nodes(function.getNodeList(), check);
        }
        return regions;
    }

    private static String sha256(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException absent) {
            throw new AssertionError("every JDK has SHA-256", absent);
        }
    }
}
