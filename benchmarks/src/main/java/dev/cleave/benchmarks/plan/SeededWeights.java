package dev.cleave.benchmarks.plan;

import dev.cleave.onnx.AttributeProto;
import dev.cleave.onnx.GraphProto;
import dev.cleave.onnx.ModelProto;
import dev.cleave.onnx.NodeProto;
import dev.cleave.onnx.StringStringEntryProto;
import dev.cleave.onnx.TensorProto;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * Gives a topology, whose weights are constants that the graph makes, weights of its own: what {@code ConstantOfShape}
 * fills for a convolution or a product becomes an initializer with He-normal values (He et al., Delving Deep into Rectifiers,
 * 2015: a deviation of {@code sqrt(2 / fan in)}), scales and variances become 1, biases and means 0. The same seed gives
 * the same bytes. The result runs like a trained network of that shape, and its answers mean nothing.
 */
public final class SeededWeights {
    private static final int CHUNK_ELEMENTS = 1 << 14;
    private static final int ALIGNMENT = 64;
    /** Initializers need not be inputs from this version on. */
    private static final int IR_VERSION = 4;

    private final GraphProto graph;
    private final long seed;
    private final Map<String, List<Long>> shapes = new HashMap<>();

    private SeededWeights(GraphProto graph, long seed) {
        this.graph = graph;
        this.seed = seed;
        for (TensorProto tensor : graph.getInitializerList()) {
            if (tensor.getDataType() == TensorProto.DataType.INT64_VALUE) {
                shapes.put(tensor.getName(), integers(tensor));
            }
        }
    }

    /**
     * Writes a model, and its weights beside it.
     *
     * @param topology an ONNX model
     * @param target file to write; the weights get its name and {@code .weights}
     */
    public static void write(Path topology, long seed, Path target) throws IOException {
        ModelProto model = ModelProto.parseFrom(Files.readAllBytes(topology));
        Path weights = target.resolveSibling(target.getFileName() + ".weights");
        try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(weights))) {
            GraphProto changed = new SeededWeights(model.getGraph(), seed).changed(weights, out);
            ModelProto seeded = model.toBuilder()
                    .setIrVersion(Math.max(model.getIrVersion(), IR_VERSION))
                    .setGraph(changed)
                    .build();
            Files.write(target, seeded.toByteArray());
        }
    }

    /** What the values of a tensor are drawn from. */
    private record Fill(double mean, double deviation) {}

    private GraphProto changed(Path weights, OutputStream out) throws IOException {
        GraphProto.Builder changed = graph.toBuilder().clearNode();
        long offset = 0;
        for (NodeProto node : graph.getNodeList()) {
            List<Long> dims = node.getOpType().equals("ConstantOfShape") ? shapes.get(node.getInput(0)) : null;
            Fill fill = dims == null ? null : fill(node.getOutput(0), dims);
            if (fill == null) {
                changed.addNode(node);
                continue;
            }
            long bytes = Float.BYTES * elements(dims);
            changed.addInitializer(external(node.getOutput(0), dims, weights, offset, bytes));
            writeValues(out, node.getOutput(0), elements(dims), fill);
            long padding = -bytes & ALIGNMENT - 1;
            out.write(new byte[(int) padding]);
            offset += bytes + padding;
        }
        return changed.build();
    }

    /** By the first node that reads it; null for what is no weight. */
    private Fill fill(String name, List<Long> dims) {
        for (NodeProto node : graph.getNodeList()) {
            int index = node.getInputList().indexOf(name);
            if (index > 0) {
                return fill(node, index, dims);
            }
        }
        return null;
    }

    private static Fill fill(NodeProto reader, int index, List<Long> dims) {
        return switch (reader.getOpType()) {
            case "Conv" -> index == 1 ? heNormal(elements(dims.subList(1, dims.size()))) : new Fill(0, 0);
            case "Gemm" -> index == 1 ? heNormal(isTransposed(reader) ? dims.get(1) : dims.get(0)) : new Fill(0, 0);
            case "MatMul" -> heNormal(dims.get(0));
            case "BatchNormalization" -> index == 1 || index == 4 ? new Fill(1, 0) : new Fill(0, 0);
            default -> null;
        };
    }

    private static boolean isTransposed(NodeProto gemm) {
        for (AttributeProto attribute : gemm.getAttributeList()) {
            if (attribute.getName().equals("transB")) {
                return attribute.getI() != 0;
            }
        }
        return false;
    }

    private static Fill heNormal(long fanIn) {
        return new Fill(0, Math.sqrt(2.0 / fanIn));
    }

    private static TensorProto external(String name, List<Long> dims, Path file, long offset, long bytes) {
        return TensorProto.newBuilder()
                .setName(name)
                .setDataType(TensorProto.DataType.FLOAT_VALUE)
                .addAllDims(dims)
                .setDataLocation(TensorProto.DataLocation.EXTERNAL)
                .addExternalData(entry("location", file.getFileName().toString()))
                .addExternalData(entry("offset", Long.toString(offset)))
                .addExternalData(entry("length", Long.toString(bytes)))
                .build();
    }

    private static StringStringEntryProto entry(String key, String value) {
        return StringStringEntryProto.newBuilder().setKey(key).setValue(value).build();
    }

    /** Each tensor has a sequence of its own, so that it does not depend on what is before it in the file. */
    private void writeValues(OutputStream out, String name, long elements, Fill fill) throws IOException {
        SplittableRandom random = new SplittableRandom(seed * 1_000_003 + name.hashCode());
        ByteBuffer chunk = ByteBuffer.allocate(CHUNK_ELEMENTS * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        for (long element = 0; element < elements; element++) {
            double noise = fill.deviation == 0 ? 0 : random.nextGaussian() * fill.deviation;
            chunk.putFloat((float) (fill.mean + noise));
            if (!chunk.hasRemaining() || element == elements - 1) {
                out.write(chunk.array(), 0, chunk.position());
                chunk.clear();
            }
        }
    }

    private static long elements(List<Long> dims) {
        return dims.stream().mapToLong(Long::longValue).reduce(1, Math::multiplyExact);
    }

    private static List<Long> integers(TensorProto tensor) {
        if (!tensor.hasRawData()) {
            return tensor.getInt64DataList();
        }
        List<Long> values = new ArrayList<>();
        ByteBuffer raw = tensor.getRawData().asReadOnlyByteBuffer().order(ByteOrder.LITTLE_ENDIAN);
        while (raw.remaining() >= Long.BYTES) {
            values.add(raw.getLong());
        }
        return values;
    }
}
