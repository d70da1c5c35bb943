package dev.cleave.gateway.repository;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;

/**
 * The models directory as it is on disk:
 *
 * <pre>
 * models/name.cleave              a bundle of whatever model and version it says
 * models/name/3/any.cleave        version 3 of model "name"
 * </pre>
 *
 * Names that begin with a dot are nobody's. Nothing is read here but names, sizes and times.
 */
final class ModelFolder {
    static final String SUFFIX = ".cleave";
    /** A directory with more is not looked through: it is something else. */
    static final int MOST_FILES = 4096;

    private final Path directory;

    ModelFolder(Path directory) {
        this.directory = directory;
    }

    /**
     * Every bundle's file, in the order of paths, versions by their numbers.
     *
     * @throws IOException if any part of the directory cannot be read: a look that saw half of it says nothing
     */
    List<FoundFile> look() throws IOException {
        List<FoundFile> found = new ArrayList<>();
        for (Path entry : list(directory)) {
            BasicFileAttributes attributes = attributes(entry);
            String name = entry.getFileName().toString();
            if (attributes == null) {
                continue;
            }
            if (attributes.isDirectory()) {
                if (ModelNames.isModel(name)) {
                    model(entry, name, found);
                }
            } else if (name.endsWith(SUFFIX)) {
                String fault = attributes.isRegularFile() ? "" : name + " is not a file; expected a bundle";
                found.add(new FoundFile(name, "", 0, FileStamp.of(attributes), fault));
            }
        }
        found.sort(Comparator.comparing((FoundFile file) -> file.isFlat() ? file.path() : file.model())
                .thenComparingLong(FoundFile::number)
                .thenComparing(FoundFile::path));
        return found;
    }

    private void model(Path folder, String model, List<FoundFile> found) throws IOException {
        for (Path entry : list(folder)) {
            String name = entry.getFileName().toString();
            BasicFileAttributes attributes = attributes(entry);
            if (attributes != null && attributes.isDirectory() && ModelNames.isNumber(name)) {
                version(entry, model, Long.parseLong(name), found);
            }
        }
    }

    private void version(Path folder, String model, long number, List<FoundFile> found) throws IOException {
        List<Path> bundles = new ArrayList<>();
        FileStamp stamp = null;
        for (Path entry : list(folder)) {
            BasicFileAttributes attributes = attributes(entry);
            if (attributes != null
                    && attributes.isRegularFile()
                    && entry.getFileName().toString().endsWith(SUFFIX)) {
                bundles.add(entry);
                stamp = FileStamp.of(attributes);
            }
        }
        String path = model + "/" + number;
        if (bundles.size() == 1) {
            path += "/" + bundles.get(0).getFileName();
            found.add(new FoundFile(path, model, number, stamp, ""));
        } else if (bundles.size() > 1) {
            String fault = path + " holds " + bundles.size() + " bundles; expected one";
            found.add(new FoundFile(path, model, number, stamp, fault));
        }
        requireFew(found.size());
    }

    private List<Path> list(Path folder) throws IOException {
        List<Path> entries = new ArrayList<>();
        try (DirectoryStream<Path> listing = Files.newDirectoryStream(folder)) {
            for (Path entry : listing) {
                if (!entry.getFileName().toString().startsWith(".")) {
                    entries.add(entry);
                    requireFew(entries.size());
                }
            }
        } catch (java.nio.file.DirectoryIteratorException e) {
            throw e.getCause();
        } catch (NoSuchFileException e) {
            if (folder.equals(directory)) {
                throw e;
            }
            return List.of(); // A model or version that went away while we looked.
        }
        Collections.sort(entries);
        return entries;
    }

    private void requireFew(int count) throws IOException {
        if (count > MOST_FILES) {
            throw new IOException("more than " + MOST_FILES + " entries; expected a directory of models");
        }
    }

    /** Links are followed; null for what is gone, or a link to nowhere. */
    private static BasicFileAttributes attributes(Path file) throws IOException {
        try {
            return Files.readAttributes(file, BasicFileAttributes.class);
        } catch (NoSuchFileException e) {
            return null;
        }
    }
}
