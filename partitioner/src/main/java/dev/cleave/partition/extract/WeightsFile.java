package dev.cleave.partition.extract;

import dev.cleave.onnx.StringStringEntryProto;
import dev.cleave.onnx.TensorProto;
import dev.cleave.partition.graph.OnnxModel;
import dev.cleave.partition.graph.TensorData;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The layout of a file that holds the weights of a model once, in the order in which they were added. One thread.
 *
 * <pre>
 *   | tensor | pad to 64 | tensor | ... | pad to 4096 | tensor over 64 KiB | ...
 * </pre>
 *
 * Tensors of equal bytes share a place. Those under {@link #SMALLEST_BYTES}, strings among them, stay in the graphs:
 * shape inference wants to see axes and target shapes.
 */
public final class WeightsFile {
    public static final int SMALLEST_BYTES = 1024;

    private static final int ALIGNMENT = 64;
    private static final int PAGE = 4096;
    private static final int PAGE_ALIGNED_FROM = 64 * 1024;

    /** Where a tensor lies. */
    private record Place(long offset, long length) {}

    private final OnnxModel model;
    private final String location;
    private final Map<TensorProto, Place> places = new IdentityHashMap<>();
    private final Map<String, Place> byContent = new HashMap<>();
    private final Map<Place, TensorProto> sources = new LinkedHashMap<>();
    private long size;

    /**
     * @param model whose tensors are to be added
     * @param location what graphs call the file
     */
    public WeightsFile(OnnxModel model, String location) {
        this.model = model;
        this.location = location;
    }

    public String location() {
        return location;
    }

    /** Bytes so far. */
    public long size() {
        return size;
    }

    /** Whether a tensor belongs in the file rather than in the graphs. */
    public boolean takes(TensorProto tensor) {
        return tensor.getDataType() != TensorProto.DataType.STRING_VALUE
                && model.data(tensor).length() >= SMALLEST_BYTES;
    }

    /** Gives a tensor its place, if it belongs in the file and has none yet. */
    public void add(TensorProto tensor) throws IOException {
        if (places.containsKey(tensor) || !takes(tensor)) {
            return;
        }
        TensorData data = model.data(tensor);
        String content = digest(data);
        Place place = byContent.get(content);
        if (place == null) {
            int alignment = data.length() > PAGE_ALIGNED_FROM ? PAGE : ALIGNMENT;
            long offset = (size + alignment - 1) / alignment * alignment;
            place = new Place(offset, data.length());
            byContent.put(content, place);
            sources.put(place, tensor);
            size = offset + data.length();
        }
        places.put(tensor, place);
    }

    /**
     * What a graph holds in place of a tensor: a reference into this file, or the tensor itself in raw form.
     *
     * @param name under which the graph has it
     */
    public TensorProto reference(TensorProto tensor, String name) {
        TensorProto.Builder plain = TensorProto.newBuilder()
                .setName(name)
                .setDataType(tensor.getDataType())
                .addAllDims(tensor.getDimsList());
        Place place = places.get(tensor);
        if (place != null) {
            return plain.setDataLocation(TensorProto.DataLocation.EXTERNAL)
                    .addExternalData(entry("location", location))
                    .addExternalData(entry("offset", Long.toString(place.offset())))
                    .addExternalData(entry("length", Long.toString(place.length())))
                    .build();
        }
        if (tensor.getDataType() == TensorProto.DataType.STRING_VALUE) {
            return plain.addAllStringData(tensor.getStringDataList()).build();
        }
        return plain.setRawData(model.data(tensor).bytes()).build();
    }

    /** Writes the file; equal models and orders give equal bytes. */
    public void write(Path file) throws IOException {
        try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(file), 1 << 16)) {
            long written = 0;
            for (Map.Entry<Place, TensorProto> source : sources.entrySet()) {
                out.write(new byte[(int) (source.getKey().offset() - written)]);
                model.data(source.getValue()).writeTo(out);
                written = source.getKey().offset() + source.getKey().length();
            }
        }
    }

    private static StringStringEntryProto entry(String key, String value) {
        return StringStringEntryProto.newBuilder().setKey(key).setValue(value).build();
    }

    private static String digest(TensorData data) throws IOException {
        try {
            MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
            try (OutputStream out = new DigestOutputStream(OutputStream.nullOutputStream(), sha256)) {
                data.writeTo(out);
            }
            return HexFormat.of().formatHex(sha256.digest());
        } catch (NoSuchAlgorithmException absent) {
            throw new AssertionError("every JDK has SHA-256", absent);
        }
    }
}
