package dev.cleave.gateway.repository;

import dev.cleave.gateway.config.GatewayException;
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
 * models/name.onnx                a plain model "name", version 1; name.onnx* beside it are its weights
 * models/name/3/any.cleave        version 3 of model "name"
 * models/name/3/any.onnx          the same as a plain model; what lies beside it are its weights
 * </pre>
 *
 * Names that begin with a dot are nobody's. Where a bundle lies, a plain model of the same name is not served: it is what
 * the bundle was made from. Nothing is read here but names, sizes and times.
 */
final class ModelFolder {
    static final String SUFFIX = ".cleave";
    static final String PLAIN = ".onnx";
    /** A directory with more is not looked through: it is something else. */
    static final int MOST_FILES = 4096;

    private final Path directory;

    ModelFolder(Path directory) {
        this.directory = directory;
    }

    /** @throws GatewayException if it is none */
    static void requireDirectory(Path directory) throws GatewayException {
        if (!Files.isDirectory(directory)) {
            throw new GatewayException("models directory " + directory
                    + (Files.exists(directory) ? " is not a directory" : " does not exist")
                    + "; expected a directory of *" + SUFFIX + " or *" + PLAIN + " files");
        }
    }

    /**
     * Every model's file, in the order of paths, versions by their numbers.
     *
     * @throws IOException if any part of the directory cannot be read: a look that saw half of it says nothing
     */
    List<FoundFile> look() throws IOException {
        List<FoundFile> found = new ArrayList<>();
        FolderFiles files = new FolderFiles();
        for (Path entry : list(directory)) {
            BasicFileAttributes attributes = attributes(entry);
            String name = entry.getFileName().toString();
            if (attributes == null) {
                continue;
            }
            if (!attributes.isDirectory()) {
                files.add(entry, attributes);
            } else if (ModelNames.isModel(name)) {
                model(entry, name, found);
            }
        }
        files.models(SUFFIX).forEach(name -> found.add(bundle(name, files)));
        files.models(PLAIN).forEach(name -> found.add(plain(name, files)));
        found.sort(Comparator.comparing((FoundFile file) -> file.isFlat() ? file.path() : file.model())
                .thenComparingLong(FoundFile::number)
                .thenComparing(FoundFile::path));
        return found;
    }

    private static FoundFile bundle(String name, FolderFiles files) {
        String fault = files.isRegular(name) ? "" : name + " is not a file; expected a bundle";
        return new FoundFile(name, "", 0, files.stamp(name), fault);
    }

    private static FoundFile plain(String name, FolderFiles files) {
        String stem = name.substring(0, name.length() - PLAIN.length());
        String fault = "";
        if (!files.isRegular(name)) {
            fault = name + " is not a file; expected an ONNX model";
        } else if (!ModelNames.isModel(stem)) {
            fault = "\"" + stem + "\" cannot be a model's name; expected printable ASCII without spaces and quotes";
        } else if (files.has(stem + SUFFIX)) {
            fault = "lies beside " + stem + SUFFIX + ", which is served in its place; expected one of them";
        }
        return new FoundFile(name, "", 0, files.stamp(name), fault).with(files.weights(name));
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
        FolderFiles files = new FolderFiles();
        for (Path entry : list(folder)) {
            BasicFileAttributes attributes = attributes(entry);
            if (attributes != null && attributes.isRegularFile()) {
                files.add(entry, attributes);
            }
        }
        boolean bundled = !files.models(SUFFIX).isEmpty();
        List<String> models = files.models(bundled ? SUFFIX : PLAIN);
        String path = model + "/" + number;
        if (models.size() == 1) {
            String name = models.get(0);
            FoundFile file = new FoundFile(path + "/" + name, model, number, files.stamp(name), "");
            found.add(bundled ? file : file.with(files.weights("")));
        } else if (models.size() > 1) {
            String fault =
                    path + " holds " + models.size() + (bundled ? " bundles" : " ONNX models") + "; expected one";
            found.add(new FoundFile(path, model, number, files.stamp(models.get(0)), fault));
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
