package dev.cleave.engine.onnxruntime;

import dev.cleave.engine.EngineException;
import dev.cleave.engine.GraphSource;
import dev.cleave.engine.WeightsRegion;
import java.io.IOException;
import java.nio.Buffer;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;

/**
 * The files behind the regions that a graph really uses, and the one folder that ONNX Runtime is told to look in: the
 * nearest that holds them all. Symbolic links are resolved, since ONNX Runtime refuses those that leave the folder.
 *
 * <p>Not thread-safe; lives for one {@link ExternalData#link}.
 */
final class WeightFiles {
    /** Where a tensor lies: a path relative to {@link #folder} with {@code /} between names, and bytes into that file. */
    record Place(String location, long offset) {}

    private final GraphSource source;
    private final Map<String, Path> realFiles = new LinkedHashMap<>();
    private Path folder;

    WeightFiles(GraphSource source) {
        this.source = source;
    }

    /**
     * The bytes of a tensor whose weights are in memory; null if they are in a file.
     *
     * @throws EngineException if it reaches past what is there
     */
    ByteBuffer held(ExternalTensor tensor) throws EngineException {
        ByteBuffer held = source.held().get(tensor.location());
        if (held == null) {
            return null;
        }
        long offset = requireWithin(tensor, held.limit());
        ByteBuffer bytes = held.duplicate();
        ((Buffer) bytes).limit((int) (offset + tensor.bytes()));
        ((Buffer) bytes).position((int) offset);
        return bytes.slice().order(ByteOrder.LITTLE_ENDIAN);
    }

    /** Checks a tensor's place; its location is final once {@link #settle} was called after all were placed. */
    Place place(ExternalTensor tensor) throws EngineException {
        String location = tensor.location();
        WeightsRegion region = source.weights().get(location);
        if (region == null) {
            Set<String> known = new LinkedHashSet<>(source.weights().keySet());
            known.addAll(source.held().keySet());
            throw tensor.refused("names location \"" + OneLine.of(location) + "\"; expected one of " + known);
        }
        long offset = requireWithin(tensor, region.length());
        Path file = realFiles.get(location);
        if (file == null) {
            file = realFile(location, region);
            realFiles.put(location, file);
        }
        return new Place(folder == null ? "" : relative(file), region.offset() + offset);
    }

    /** The tensor's offset, if all of it is within so many bytes. */
    private static long requireWithin(ExternalTensor tensor, long length) throws EngineException {
        long offset = tensor.offset();
        if (tensor.bytes() > length || offset > length - tensor.bytes()) {
            throw tensor.refused("reaches to " + offset + " + " + tensor.bytes() + " bytes of \""
                    + OneLine.of(tensor.location()) + "\"; expected at most " + length);
        }
        return offset;
    }

    /** Chooses the folder. */
    void settle() throws EngineException {
        for (Path file : realFiles.values()) {
            Path parent = file.getParent();
            folder = folder == null ? parent : commonAncestor(folder, parent);
            if (folder == null) {
                throw new EngineException(source.label() + ": weights files " + realFiles.values()
                        + " have no folder in common; expected one file system root");
            }
        }
    }

    /** Null if the graph has no external tensors. */
    Path folder() {
        return folder;
    }

    private Path realFile(String location, WeightsRegion region) throws EngineException {
        try {
            Path file = region.file().toRealPath();
            long size = Files.size(file);
            if (region.length() > size || region.offset() > size - region.length()) {
                throw new EngineException(source.label() + ": weights \"" + location + "\" are bytes " + region.offset()
                        + " + " + region.length() + " of " + file + "; the file has " + size);
            }
            return file;
        } catch (IOException e) {
            throw new EngineException(
                    source.label() + ": weights file " + region.file() + " cannot be read (" + OneLine.of(e.toString())
                            + ")",
                    e);
        }
    }

    private static Path commonAncestor(Path one, Path other) {
        Path ancestor = one;
        while (ancestor != null && !other.startsWith(ancestor)) {
            ancestor = ancestor.getParent();
        }
        return ancestor;
    }

    private String relative(Path file) {
        StringBuilder location = new StringBuilder();
        for (Path name : folder.relativize(file)) {
            location.append(location.length() == 0 ? "" : "/").append(name);
        }
        return location.toString();
    }
}
