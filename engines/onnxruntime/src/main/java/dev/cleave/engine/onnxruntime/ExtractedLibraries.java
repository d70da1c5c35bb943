package dev.cleave.engine.onnxruntime;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.Reader;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The libraries that ONNX Runtime's Java binding unpacks into a temporary folder for every process, about 28 MB.
 *
 * <p>The binding registers them for deletion at exit, but the folder after its files, and such deletions run backwards:
 * the folder stays. And a process that is killed leaves everything. On Linux a mapped file can go at once, so it does;
 * what lies beside it, unpacked and not mapped yet, is what execution providers load later, and goes with the folder when the process ends. Elsewhere
 * this does nothing.
 */
final class ExtractedLibraries {
    private static final Pattern MAPPED = Pattern.compile(".*\\s((/.*/onnxruntime-java\\d+)/lib[\\w.-]+\\.so)");

    private ExtractedLibraries() {}

    /**
     * Deletes what is mapped, and its folder at exit.
     *
     * @param maps the process's {@code /proc/self/maps}
     * @return the folders
     */
    static Set<File> deleteMapped(Reader maps) throws IOException {
        Set<File> folders = new LinkedHashSet<>();
        for (File file : files(maps)) {
            file.delete();
            folders.add(file.getParentFile());
        }
        if (!folders.isEmpty()) {
            Runtime.getRuntime().addShutdownHook(new Thread(() -> deleteAll(folders), "cleave-ort-libraries"));
        }
        return folders;
    }

    private static Set<File> files(Reader maps) throws IOException {
        Set<File> files = new LinkedHashSet<>();
        BufferedReader lines = new BufferedReader(maps);
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            Matcher mapped = MAPPED.matcher(line);
            if (mapped.matches()) {
                files.add(new File(mapped.group(1)));
            }
        }
        return files;
    }

    static void deleteAll(Set<File> folders) {
        for (File folder : folders) {
            deleteFilesOf(folder);
            folder.delete();
        }
    }

    private static void deleteFilesOf(File folder) {
        File[] files = folder.listFiles();
        if (files != null) {
            for (File file : files) {
                file.delete();
            }
        }
    }
}
