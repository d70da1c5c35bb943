package dev.cleave.gateway.repository;

import java.util.Collections;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * A bundle's file in the models directory, or a plain model's with the files of its weights.
 *
 * @param path in the directory, with {@code /}
 * @param model as its folder says; empty for a file that lies in the directory itself
 * @param number of the version as its folder says; 0 for such a file
 * @param beside files that a plain model's external tensors may name, by their names; empty for a bundle
 * @param fault why it cannot be one, whatever it holds; else empty
 */
record FoundFile(
        String path, String model, long number, FileStamp stamp, SortedMap<String, FileStamp> beside, String fault) {
    /** Of a plain model that lies in the directory itself, where no folder says it. */
    private static final String ONLY_VERSION = "1";

    FoundFile {
        beside = Collections.unmodifiableSortedMap(new TreeMap<>(beside));
    }

    /** A file that stands alone. */
    FoundFile(String path, String model, long number, FileStamp stamp, String fault) {
        this(path, model, number, stamp, Collections.emptySortedMap(), fault);
    }

    FoundFile with(Map<String, FileStamp> weights) {
        return new FoundFile(path, model, number, stamp, new TreeMap<>(weights), fault);
    }

    boolean isFlat() {
        return number == 0;
    }

    /** Whether it is an ONNX model and no bundle. */
    boolean isPlain() {
        return path.endsWith(ModelFolder.PLAIN);
    }

    /** The version's name where the folder says it; else empty. */
    String version() {
        return isFlat() ? "" : Long.toString(number);
    }

    /** Under which a plain model is served; a bundle's contract says so itself. */
    String plainModel() {
        return isFlat() ? stem() : model;
    }

    /** In which version. */
    String plainVersion() {
        return isFlat() ? ONLY_VERSION : version();
    }

    /** Name of the file without its ending; what it is asked for by while it is not known what it holds. */
    String stem() {
        String name = path.substring(path.lastIndexOf('/') + 1);
        String ending = isPlain() ? ModelFolder.PLAIN : ModelFolder.SUFFIX;
        return name.endsWith(ending) ? name.substring(0, name.length() - ending.length()) : name;
    }
}
