package dev.cleave.partition.extract;

import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * All graphs of a ladder, and the one file of weights that they refer to.
 *
 * @param precision {@code fp32}, {@code fp16} or {@code int8}
 * @param graphs serialized models by name: {@code segment-0..k}, {@code head-1..k}, {@code tail-1..k}, {@code whole}
 * @param weightsLocation what the graphs call the weights file, {@code weights/fp32.bin}
 * @param weights the file; it belongs to the caller
 * @param prefixSizes for each point 0..k+1, how many bytes of it the segments before the point need
 */
public record ExtractedModel(
        String precision, Map<String, byte[]> graphs, String weightsLocation, Path weights, long[] prefixSizes) {
    public ExtractedModel {
        graphs = Collections.unmodifiableMap(new LinkedHashMap<>(graphs));
        prefixSizes = prefixSizes.clone();
    }

    /** A copy. */
    @Override
    public long[] prefixSizes() {
        return prefixSizes.clone();
    }

    /** Without heads and tails, which are made of the segments' weights as well. */
    public ExtractedModel segmentsAndWhole() {
        Map<String, byte[]> kept = new LinkedHashMap<>(graphs);
        kept.keySet().removeIf(name -> name.startsWith("head-") || name.startsWith("tail-"));
        return new ExtractedModel(precision, kept, weightsLocation, weights, prefixSizes);
    }

    /** Size of graphs and weights in bytes. */
    public long bytes() {
        return weightsBytes()
                + graphs.values().stream().mapToLong(graph -> graph.length).sum();
    }

    /** Size of the weights file in bytes. */
    public long weightsBytes() {
        return prefixSizes[prefixSizes.length - 1];
    }
}
