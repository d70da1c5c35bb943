package dev.cleave.engine.onnxruntime;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.UnsafeByteOperations;
import dev.cleave.engine.EngineException;
import dev.cleave.engine.GraphSource;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Ties the external tensors of a serialized ONNX model to the regions that its {@link GraphSource} allows.
 *
 * <p>ONNX Runtime opens whatever file a tensor's {@code external_data} names, below one folder. So every such entry is
 * replaced before ONNX Runtime sees the model: {@code location} becomes the real file of the region, {@code offset} the
 * place in that file, {@code length} what the tensor's type and dimensions ask for. Entries that go nowhere (the tensor is
 * inline, or has no elements) are dropped. Anything else is refused by the tensor's name, so a graph never opens a file
 * of its own choice and never reads past its region.
 *
 * <p>Weights in memory are handed to ONNX Runtime by the initializer's name ({@link HeldTensor}), or put into the model
 * where that cannot be: small ones, those of inner graphs and of nodes, types that its Java interface does not have.
 *
 * <p>The model is not parsed into objects: the few fields that lead to tensors are followed in the encoded bytes, the
 * rest is carried over as slices. A model without external tensors is returned as it came.
 *
 * <p>Source: onnx.proto (field numbers) and "External Data" of the ONNX repository; a missing {@code offset} is 0 and a
 * missing {@code length} what the tensor needs, as there.
 */
final class ExternalData {
    /** Messages within messages; what protobuf's own parsers allow. */
    private static final int MAX_DEPTH = 100;

    /** Model, graph, tensor: only the outermost graph's initializers are found by their names. */
    private static final int INITIALIZER_DEPTH = 2;

    private static final int RAW_DATA = 9;

    /** The messages through which a model's tensors are reached. */
    private enum Kind {
        MODEL,
        GRAPH,
        NODE,
        ATTRIBUTE,
        FUNCTION,
        SPARSE_TENSOR,
        TENSOR
    }

    /**
     * A model whose external tensors are tied.
     *
     * @param folder below which those in files lie; null if there are none
     * @param held those that are to be handed over when the model is loaded
     */
    record Linked(byte[] graph, Path folder, List<HeldTensor> held) {}

    /** Not a file: what stands here is replaced before it is looked for. */
    private static final WeightFiles.Place HELD = new WeightFiles.Place("held", 0);

    private final GraphSource source;
    private final WeightFiles files;
    private final List<HeldTensor> held = new ArrayList<>();

    private ExternalData(GraphSource source) {
        this.source = source;
        this.files = new WeightFiles(source);
    }

    /** @throws EngineException naming the graph and, where one is to blame, the tensor */
    static Linked link(GraphSource source) throws EngineException {
        byte[] graph = source.graph();
        ExternalData links = new ExternalData(source);
        try {
            // Twice: the folder that all files share is known only when all are, and the locations are relative to it.
            links.rewrite(Kind.MODEL, graph, 0, graph.length, 0);
            links.files.settle();
            links.held.clear();
            ByteString linked = links.rewrite(Kind.MODEL, graph, 0, graph.length, 0);
            return new Linked(linked == null ? graph : linked.toByteArray(), links.files.folder(), links.held);
        } catch (IOException e) {
            throw new EngineException(source.label() + ": not an ONNX model (truncated, or no protobuf message)", e);
        }
    }

    /** The message in {@code from .. to} with its tensors linked, or null if nothing in it has to change. */
    private ByteString rewrite(Kind kind, byte[] bytes, int from, int to, int depth)
            throws IOException, EngineException {
        if (depth > MAX_DEPTH) {
            throw new EngineException(source.label() + ": graphs are nested too deeply; expected at most " + MAX_DEPTH
                    + " messages within each other");
        }
        if (kind == Kind.TENSOR) {
            return rewriteTensor(bytes, from, to, depth == INITIALIZER_DEPTH);
        }
        ByteString result = ByteString.EMPTY;
        int copied = from;
        long seen = 0;
        Fields field = new Fields(bytes, from, to);
        while (field.next()) {
            Kind child = field.isDelimited() ? child(kind, field.number()) : null;
            if (child == null) {
                continue;
            }
            seen = requireOnce(kind, field.number(), seen);
            ByteString changed = rewrite(child, bytes, field.valueStart(), field.end(), depth + 1);
            if (changed != null) {
                result = result.concat(slice(bytes, copied, field.start()))
                        .concat(header(field.tag(), changed.size()))
                        .concat(changed);
                copied = field.end();
            }
        }
        return copied == from ? null : result.concat(slice(bytes, copied, to));
    }

    private ByteString rewriteTensor(byte[] bytes, int from, int to, boolean initializer)
            throws IOException, EngineException {
        ExternalTensor tensor = ExternalTensor.read(source.label(), bytes, from, to);
        if (!tensor.hasEntries() && !tensor.isExternal()) {
            return null;
        }
        boolean linked = tensor.isExternal() && tensor.bytes() > 0;
        ByteBuffer inMemory = linked ? files.held(tensor) : null;
        boolean inside = inMemory != null && !(initializer && HeldTensor.fits(tensor.type(), tensor.bytes()));
        ByteString result = ByteString.EMPTY;
        Fields field = new Fields(bytes, from, to);
        while (field.next()) {
            boolean location = field.isVarint(ExternalTensor.DATA_LOCATION);
            if (!field.isDelimited(ExternalTensor.EXTERNAL_DATA) && (linked && !inside || !location)) {
                result = result.concat(slice(bytes, field.start(), field.end()));
            }
        }
        if (!linked) {
            return result;
        }
        if (inside) {
            return result.concat(header(RAW_DATA << 3 | 2, inMemory.remaining()))
                    .concat(ByteString.copyFrom(inMemory));
        }
        if (inMemory != null) {
            HeldTensor handed =
                    new HeldTensor(tensor.name(), HeldTensor.javaType(tensor.type()), tensor.dims(), inMemory);
            held.add(handed);
        }
        WeightFiles.Place place = inMemory != null ? HELD : files.place(tensor);
        return result.concat(entry("location", place.location()))
                .concat(entry("offset", Long.toString(place.offset())))
                .concat(entry("length", Long.toString(tensor.bytes())));
    }

    /** What the field of a message holds, or null if no tensor can be reached through it. */
    private static Kind child(Kind kind, int field) {
        switch (kind) {
            case MODEL:
                return field == 7 ? Kind.GRAPH : field == 25 ? Kind.FUNCTION : null;
            case GRAPH:
                return field == 1 ? Kind.NODE : field == 5 ? Kind.TENSOR : field == 15 ? Kind.SPARSE_TENSOR : null;
            case NODE:
                return field == 5 ? Kind.ATTRIBUTE : null;
            case FUNCTION:
                return field == 7 ? Kind.NODE : field == 11 ? Kind.ATTRIBUTE : null;
            case SPARSE_TENSOR:
                return field == 1 || field == 2 ? Kind.TENSOR : null;
            case ATTRIBUTE:
                return field == 5 || field == 10
                        ? Kind.TENSOR
                        : field == 6 || field == 11
                                ? Kind.GRAPH
                                : field == 22 || field == 23 ? Kind.SPARSE_TENSOR : null;
            default:
                return null;
        }
    }

    // A parser merges a singular message that occurs twice, and two halves that are harmless alone need not be so
    // together; no writer makes them.
    private long requireOnce(Kind kind, int field, long seen) throws EngineException {
        boolean singular = kind == Kind.MODEL && field == 7
                || kind == Kind.ATTRIBUTE && (field == 5 || field == 6 || field == 22)
                || kind == Kind.SPARSE_TENSOR;
        if (singular && (seen >> field & 1) != 0) {
            throw new EngineException(source.label() + ": field " + field + " of a "
                    + kind.name().toLowerCase(Locale.ROOT) + " message occurs twice; expected once");
        }
        return seen | 1L << field;
    }

    private static ByteString entry(String key, String value) throws IOException {
        byte[] valueBytes = value.getBytes(StandardCharsets.UTF_8);
        ByteString.Output out = ByteString.newOutput();
        CodedOutputStream coded = CodedOutputStream.newInstance(out);
        coded.writeTag(ExternalTensor.EXTERNAL_DATA, 2);
        coded.writeUInt32NoTag(
                CodedOutputStream.computeStringSize(1, key) + CodedOutputStream.computeByteArraySize(2, valueBytes));
        coded.writeString(1, key);
        coded.writeByteArray(2, valueBytes);
        coded.flush();
        return out.toByteString();
    }

    private static ByteString header(int tag, int length) throws IOException {
        ByteString.Output out = ByteString.newOutput();
        CodedOutputStream coded = CodedOutputStream.newInstance(out);
        coded.writeUInt32NoTag(tag);
        coded.writeUInt32NoTag(length);
        coded.flush();
        return out.toByteString();
    }

    // Shares the source's array, which nobody changes.
    private static ByteString slice(byte[] bytes, int from, int to) {
        return UnsafeByteOperations.unsafeWrap(bytes, from, to - from);
    }
}
