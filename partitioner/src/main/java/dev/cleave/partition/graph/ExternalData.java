package dev.cleave.partition.graph;

import dev.cleave.engine.GraphSource;
import dev.cleave.engine.WeightsRegion;
import dev.cleave.onnx.StringStringEntryProto;
import dev.cleave.onnx.TensorProto;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/**
 * Finds the external data of a model's tensors. That of a file, strictly inside the model's own folder: no absolute
 * location, no {@code ..}, and no link that leads out of it. That of a graph for an engine, in the regions given with it.
 */
final class ExternalData {
    private final Path model;
    private final String label;
    private final Map<String, WeightsRegion> given;

    ExternalData(Path model) {
        this.model = model;
        this.label = "model " + model;
        this.given = Map.of();
    }

    ExternalData(GraphSource source) {
        this.model = null;
        this.label = "graph " + source.label();
        this.given = source.weights();
    }

    /** @throws ModelException naming the tensor, the location and why it is refused */
    WeightsRegion resolve(TensorProto tensor) throws ModelException {
        String name = label + ": external tensor \"" + tensor.getName() + "\"";
        Map<String, String> entries = new HashMap<>();
        for (StringStringEntryProto entry : tensor.getExternalDataList()) {
            entries.put(entry.getKey(), entry.getValue());
        }
        WeightsRegion all = region(entries.get("location"), name);
        Path file = all.file();
        long size = all.length();
        long offset = number(entries, "offset", 0, name);
        long wanted = wantedBytes(tensor, name);
        // Without a length the data is what the dimensions say, from the offset on.
        long length = number(entries, "length", wanted, name);
        if (offset > size || length > size - offset) {
            throw new ModelException(name + " lies at " + offset + "+" + length + " of " + file.getFileName()
                    + ", which has " + size + " bytes");
        }
        return new WeightsRegion(file, all.offset() + offset, length);
    }

    private WeightsRegion region(String location, String name) throws ModelException {
        if (model != null) {
            Path file = locate(location, name);
            return new WeightsRegion(file, 0, size(file, name));
        }
        WeightsRegion region = location == null ? null : given.get(location);
        if (region == null) {
            throw new ModelException(name + " has location \"" + location + "\"; expected one of " + given.keySet());
        }
        return region;
    }

    private Path locate(String location, String name) throws ModelException {
        if (location == null || location.isEmpty()) {
            throw new ModelException(name + " names no location");
        }
        try {
            Path relative = Path.of(location.replace('\\', '/'));
            boolean climbs = false;
            for (Path part : relative) {
                climbs |= part.toString().equals("..");
            }
            if (relative.isAbsolute() || climbs || location.matches("[A-Za-z]:.*")) {
                throw new ModelException(name + " has location \"" + location + "\", outside the model's folder");
            }
            Path folder = model.toAbsolutePath().getParent().toRealPath();
            Path file = folder.resolve(relative);
            if (!Files.isRegularFile(file)) {
                throw new ModelException(name + " has location \"" + location + "\": no such file beside the model");
            }
            Path real = file.toRealPath();
            if (!real.startsWith(folder)) {
                throw new ModelException(
                        name + " has location \"" + location + "\", a link that leads outside the model's folder");
            }
            return real;
        } catch (InvalidPathException | IOException bad) {
            if (bad instanceof ModelException named) {
                throw named;
            }
            throw new ModelException(name + " has location \"" + location + "\": " + bad.getMessage(), bad);
        }
    }

    private static long wantedBytes(TensorProto tensor, String name) throws ModelException {
        if (tensor.getDataType() == TensorProto.DataType.STRING_VALUE) {
            throw new ModelException(name + " holds strings, which are never external");
        }
        long elements = 1;
        for (long dim : tensor.getDimsList()) {
            if (dim < 0 || elements != 0 && dim > Long.MAX_VALUE / elements) {
                throw new ModelException(name + " has dimensions " + tensor.getDimsList() + "; expected sizes");
            }
            elements *= dim;
        }
        return TensorCheck.bytes(tensor, elements, name);
    }

    private static long size(Path file, String name) throws ModelException {
        try {
            return Files.size(file);
        } catch (IOException unreadable) {
            throw new ModelException(name + ": " + file + " cannot be read", unreadable);
        }
    }

    private static long number(Map<String, String> entries, String key, long absent, String name)
            throws ModelException {
        String text = entries.get(key);
        if (text == null) {
            return absent;
        }
        try {
            long value = Long.parseLong(text.trim());
            if (value >= 0) {
                return value;
            }
        } catch (NumberFormatException notANumber) {
            // Refused below, like a negative number.
        }
        throw new ModelException(name + " has " + key + " \"" + text + "\"; expected a number of bytes");
    }
}
