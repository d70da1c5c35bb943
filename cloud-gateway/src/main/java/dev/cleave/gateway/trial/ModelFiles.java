package dev.cleave.gateway.trial;

import dev.cleave.engine.GraphSource;
import dev.cleave.engine.WeightsRegion;
import dev.cleave.gateway.config.ByteText;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The files of a plain model. They must stay as they are for as long as sessions use them.
 *
 * @param label what messages call it, {@code resnet/3/model.onnx} say
 * @param graph the file of the graph
 * @param weights files that the graph's external tensors may name, by the name that they use
 */
public record ModelFiles(String label, Path graph, Map<String, Path> weights) {
    /** An array holds no more. */
    private static final long LARGEST = Integer.MAX_VALUE - 8;

    public ModelFiles {
        weights = Collections.unmodifiableMap(new LinkedHashMap<>(weights));
    }

    /** Of all files together. */
    public long bytes() throws IOException {
        long bytes = Files.size(graph);
        for (Path file : weights.values()) {
            bytes += Files.size(file);
        }
        return bytes;
    }

    /**
     * Reads the graph; weights in files of their own are left to the engine.
     *
     * @throws IOException if it cannot be read, or is more than half of this process's heap
     */
    public GraphSource source() throws IOException {
        long size = Files.size(graph);
        long most = Math.min(LARGEST, Runtime.getRuntime().maxMemory() / 2);
        if (size > most) {
            throw new IOException(label + " has " + ByteText.of(size) + "; expected at most " + ByteText.of(most)
                    + " in one file, which is half of the heap (-Xmx), and weights beyond that as external data");
        }
        Map<String, WeightsRegion> regions = new LinkedHashMap<>();
        for (Map.Entry<String, Path> file : weights.entrySet()) {
            regions.put(file.getKey(), new WeightsRegion(file.getValue(), 0, Files.size(file.getValue())));
        }
        return new GraphSource(label, Files.readAllBytes(graph), regions);
    }
}
