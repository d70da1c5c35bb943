package dev.cleave.gateway.trial;

import dev.cleave.engine.GraphSource;
import dev.cleave.engine.WeightsRegion;
import dev.cleave.gateway.config.ByteText;
import java.io.IOException;
import java.io.InputStream;
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
     * Asks whether the graph can be read at all.
     *
     * @throws IOException if it is larger than what the memory or an array holds
     */
    void requireRoom(GraphMemory memory) throws IOException {
        long size = Files.size(graph);
        memory.require(label, size);
        if (size > LARGEST) {
            throw new IOException(label + " has " + ByteText.of(size) + "; expected at most " + ByteText.of(LARGEST)
                    + " in one file, and weights beyond that as external data");
        }
    }

    /**
     * Reads the graph; weights in files of their own are left to the engine. Waits for room.
     *
     * @return the caller's to close, when a session was made of it
     * @throws IOException if it cannot be read, or never fits
     */
    public HeldGraph read(GraphMemory memory) throws IOException {
        requireRoom(memory);
        Map<String, WeightsRegion> regions = new LinkedHashMap<>();
        for (Map.Entry<String, Path> file : weights.entrySet()) {
            regions.put(file.getKey(), new WeightsRegion(file.getValue(), 0, Files.size(file.getValue())));
        }
        long size = Files.size(graph);
        memory.take(label, size);
        boolean read = false;
        try (InputStream in = Files.newInputStream(graph)) {
            byte[] bytes = in.readNBytes((int) size);
            if (bytes.length != size) {
                throw new IOException(label + " became shorter while it was read; expected " + size + " bytes");
            }
            read = true;
            return new HeldGraph(new GraphSource(label, bytes, regions), memory);
        } finally {
            if (!read) {
                memory.release(size);
            }
        }
    }
}
