package dev.cleave.engine.onnxruntime;

import dev.cleave.engine.EngineException;
import dev.cleave.engine.GraphSource;
import dev.cleave.engine.WeightsRegion;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

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

    /** Checks a tensor's place; its location is final once {@link #settle} was called after all were placed. */
    Place place(ExternalTensor tensor) throws EngineException {
        String location = tensor.location();
        WeightsRegion region = source.weights().get(location);
        if (region == null) {
            throw tensor.refused("names location \"" + OneLine.of(location) + "\"; expected one of "
                    + source.weights().keySet());
        }
        long offset = tensor.offset();
        if (tensor.bytes() > region.length() || offset > region.length() - tensor.bytes()) {
            throw tensor.refused("reaches to " + offset + " + " + tensor.bytes() + " bytes of \"" + location
                    + "\"; expected at most " + region.length());
        }
        Path file = realFiles.get(location);
        if (file == null) {
            file = realFile(location, region);
            realFiles.put(location, file);
        }
        return new Place(folder == null ? "" : relative(file), region.offset() + offset);
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
