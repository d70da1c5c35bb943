package dev.cleave.cli.inputs;

import dev.cleave.tensor.Tensor;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.Channels;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;

/** Reads NumPy's archives: zip files of {@code NAME.npy} entries, stored or deflated. */
final class NpzFile {
    private static final String SUFFIX = ".npy";

    /** Deflate packs no better than this, so an entry that claims more is lying about its size. */
    private static final long MAX_DEFLATE_RATIO = 1032;

    private static final int MAX_ENTRIES = 10_000;

    private NpzFile() {}

    /** The arrays of these names, as far as they are there; the others are not read. */
    static Map<String, Tensor> read(Path file, Collection<String> names) throws IOException {
        Map<String, Tensor> found = new LinkedHashMap<>();
        try (ZipFile zip = open(file)) {
            for (String name : names) {
                ZipEntry entry = zip.getEntry(name + SUFFIX);
                if (entry != null) {
                    found.put(name, read(zip, entry, Files.size(file)));
                }
            }
        }
        return found;
    }

    /** @throws MalformedInputException unless the archive holds exactly one array */
    static Tensor readOnlyArray(Path file) throws IOException {
        try (ZipFile zip = open(file)) {
            List<? extends ZipEntry> arrays = zip.stream()
                    .filter(entry -> entry.getName().endsWith(SUFFIX))
                    .toList();
            if (arrays.size() != 1) {
                throw new MalformedInputException("holds " + arrays.size()
                        + " arrays, none of them with the name of the model's input; expected one of that name");
            }
            return read(zip, arrays.get(0), Files.size(file));
        }
    }

    private static ZipFile open(Path file) throws IOException {
        try {
            ZipFile zip = new ZipFile(file.toFile());
            if (zip.size() > MAX_ENTRIES) {
                zip.close();
                throw new MalformedInputException(
                        "is an archive of " + zip.size() + " entries; expected at most " + MAX_ENTRIES);
            }
            return zip;
        } catch (ZipException | IllegalArgumentException malformed) {
            throw new MalformedInputException("is no NumPy archive: " + malformed.getMessage(), malformed);
        }
    }

    private static Tensor read(ZipFile zip, ZipEntry entry, long fileBytes) throws IOException {
        if (entry.getSize() > fileBytes * MAX_DEFLATE_RATIO) {
            throw new MalformedInputException("array \"" + entry.getName() + "\" claims " + entry.getSize()
                    + " bytes, more than an archive of " + fileBytes + " bytes can hold");
        }
        try (InputStream bytes = zip.getInputStream(entry)) {
            return NpyFile.read(Channels.newChannel(bytes), entry.getSize());
        } catch (MalformedInputException malformed) {
            throw new MalformedInputException("array \"" + entry.getName() + "\" " + malformed.getMessage(), malformed);
        } catch (ZipException malformed) {
            throw new MalformedInputException(
                    "array \"" + entry.getName() + "\" does not unpack: " + malformed.getMessage(), malformed);
        }
    }
}
