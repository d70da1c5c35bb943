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
 * Names that begin with a dot are nobody's, nor is {@code lost+found}. Where a bundle lies, a plain model of the same name is not served: it is what
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
     * Every model's file. What of the directory cannot be read is named, and hides no other.
     *
     * @throws IOException if the directory itself cannot be read, or holds too much
     */
    FolderLook look() throws IOException {
        FolderLook look = new FolderLook();
        FolderFiles files = new FolderFiles();
        for (Path entry : list(directory)) {
            String name = entry.getFileName().toString();
            try {
                BasicFileAttributes attributes = Files.readAttributes(entry, BasicFileAttributes.class);
                if (!attributes.isDirectory()) {
                    files.add(entry, attributes);
                } else if (ModelNames.isFolder(name)) {
                    model(entry, name, look);
                }
            } catch (IOException e) {
                unread(entry, name, FolderLook.why(e), files, look);
            }
        }
        files.models(SUFFIX).forEach(name -> look.found(bundle(name, files)));
        files.models(PLAIN).forEach(name -> plain(name, files, look));
        requireFew(look.files().size());
        return look;
    }

    /** One that is a model, may be a model's folder, or may hold a model's weights; else it is nobody's. */
    private static void unread(Path entry, String name, String why, FolderFiles files, FolderLook look) {
        if (why.isEmpty()) {
            return; // A link to nowhere, or what went away while we looked.
        }
        files.unread(entry, why);
        if (ModelNames.isFolder(name) || name.endsWith(SUFFIX) || name.endsWith(PLAIN)) {
            look.unread(new FoundFile(name, "", 0, FileStamp.NONE, name + " cannot be read: " + why));
        }
    }

    private static FoundFile bundle(String name, FolderFiles files) {
        String fault = files.isRegular(name) ? "" : name + " is not a file; expected a bundle";
        return new FoundFile(name, "", 0, files.stamp(name), fault);
    }

    private static void plain(String name, FolderFiles files, FolderLook look) {
        String stem = name.substring(0, name.length() - PLAIN.length());
        String fault = "";
        if (!files.isRegular(name)) {
            fault = name + " is not a file; expected an ONNX model";
        } else if (!ModelNames.isModel(stem)) {
            fault = "\"" + stem + "\" cannot be a model's name; expected printable ASCII without spaces and quotes";
        } else if (files.has(stem + SUFFIX)) {
            fault = "lies beside " + stem + SUFFIX + ", which is served in its place; expected one of them";
        } else if (!files.unreadWeights(name).isEmpty()) {
            look.unread(new FoundFile(name, "", 0, FileStamp.NONE, files.unreadWeights(name)));
            return;
        }
        look.found(new FoundFile(name, "", 0, files.stamp(name), fault).with(files.weights(name)));
    }

    private void model(Path folder, String model, FolderLook look) throws IOException {
        for (Path entry : list(folder)) {
            String name = entry.getFileName().toString();
            if (!ModelNames.isNumber(name)) {
                continue;
            }
            try {
                if (Files.readAttributes(entry, BasicFileAttributes.class).isDirectory()) {
                    version(entry, model, Long.parseLong(name), look);
                }
            } catch (IOException e) {
                String why = FolderLook.why(e);
                String path = model + "/" + name;
                if (!why.isEmpty()) {
                    long number = Long.parseLong(name);
                    look.unread(new FoundFile(path, model, number, FileStamp.NONE, path + " cannot be read: " + why));
                }
            }
        }
    }

    /** @throws IOException if any of it cannot be read: half of a version says nothing */
    private void version(Path folder, String model, long number, FolderLook look) throws IOException {
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
            look.found(bundled ? file : file.with(files.weights("")));
        } else if (models.size() > 1) {
            String fault =
                    path + " holds " + models.size() + (bundled ? " bundles" : " ONNX models") + "; expected one";
            look.found(new FoundFile(path, model, number, files.stamp(models.get(0)), fault));
        }
    }

    private static List<Path> list(Path folder) throws IOException {
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
        }
        Collections.sort(entries);
        return entries;
    }

    private static void requireFew(int count) throws IOException {
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
