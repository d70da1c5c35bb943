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
 * its folder is still needed by execution providers that are unpacked later, and goes when the process ends. Elsewhere
 * this does nothing.
 */
final class ExtractedLibraries {
    private static final Pattern MAPPED = Pattern.compile(".*\\s(/.*/onnxruntime-java\\d+)/lib[\\w.-]+\\.so");

    private ExtractedLibraries() {}

    /**
     * Deletes what is mapped, and its folder at exit.
     *
     * @param maps the process's {@code /proc/self/maps}
     * @return the folders
     */
    static Set<File> deleteMapped(Reader maps) throws IOException {
        Set<File> folders = folders(maps);
        for (File folder : folders) {
            deleteFilesOf(folder);
        }
        if (!folders.isEmpty()) {
            Runtime.getRuntime().addShutdownHook(new Thread(() -> deleteAll(folders), "cleave-ort-libraries"));
        }
        return folders;
    }

    private static Set<File> folders(Reader maps) throws IOException {
        Set<File> folders = new LinkedHashSet<>();
        BufferedReader lines = new BufferedReader(maps);
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            Matcher mapped = MAPPED.matcher(line);
            if (mapped.matches()) {
                folders.add(new File(mapped.group(1)));
            }
        }
        return folders;
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
