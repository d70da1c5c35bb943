package dev.cleave.gateway.repository;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/** The files of one folder, as a look found them: names in their order, and what is known of each. One thread. */
final class FolderFiles {
    private final SortedMap<String, BasicFileAttributes> files = new TreeMap<>();
    private final SortedMap<String, String> unread = new TreeMap<>();
    private final Set<String> links = new HashSet<>();

    /** @param attributes of what it leads to, if it is a link */
    void add(Path entry, BasicFileAttributes attributes) {
        String name = entry.getFileName().toString();
        files.put(name, attributes);
        if (Files.isSymbolicLink(entry)) {
            links.add(name);
        }
    }

    /** Of an entry nothing could be read, not even what it is. */
    void unread(Path entry, String why) {
        String name = entry.getFileName().toString();
        unread.put(name, why);
        if (Files.isSymbolicLink(entry)) {
            links.add(name);
        }
    }

    /** Why it is not known what weights a model has whose files begin so; empty if it is. */
    String unreadWeights(String beginning) {
        return unread.keySet().stream()
                .filter(name -> name.startsWith(beginning) && !links.contains(name))
                .map(name -> name + " beside it cannot be read: " + unread.get(name))
                .findFirst()
                .orElse("");
    }

    /** Whether there is one, be it that it can be read or not. */
    boolean has(String name) {
        return files.containsKey(name) || unread.containsKey(name);
    }

    /** Whether it is a file, and not a pipe or a device. */
    boolean isRegular(String name) {
        return files.get(name).isRegularFile();
    }

    FileStamp stamp(String name) {
        return FileStamp.of(files.get(name));
    }

    /** Names of models: those that end so. */
    List<String> models(String ending) {
        return files.keySet().stream().filter(name -> name.endsWith(ending)).toList();
    }

    /**
     * What may hold weights: files whose names begin so and that are no models. Links are left out, since nothing that a
     * graph names shall lead out of its folder.
     */
    SortedMap<String, FileStamp> weights(String beginning) {
        SortedMap<String, FileStamp> weights = new TreeMap<>();
        for (String name : files.keySet()) {
            boolean model = name.endsWith(ModelFolder.SUFFIX) || name.endsWith(ModelFolder.PLAIN);
            if (name.startsWith(beginning) && !model && isRegular(name) && !links.contains(name)) {
                weights.put(name, stamp(name));
            }
        }
        return weights;
    }
}
