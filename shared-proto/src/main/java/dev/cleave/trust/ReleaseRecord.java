package dev.cleave.trust;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The highest release of each model that was accepted, in the file {@code releases} of a folder: {@code MODEL NUMBER} per
 * line. The file is replaced whole, under a lock that all agents of a machine respect, so numbers only rise. A file that
 * cannot be read refuses every bundle: whoever can spoil it must not win by that. Thread-safe.
 */
final class ReleaseRecord {
    private static final Pattern LINE = Pattern.compile("([!-~]{1,128}) ([1-9][0-9]{0,18})");
    private static final int MAX_BYTES = 1 << 20;

    /** Locks of files belong to a process; this one tells its threads apart. */
    private static final Object IN_PROCESS = new Object();

    private final Path folder;
    private final Path file;

    ReleaseRecord(Path folder) {
        this.folder = folder;
        this.file = folder.resolve("releases");
    }

    /** 0 if none was accepted yet. */
    long highest(String model) throws IOException {
        return read().getOrDefault(model, 0L);
    }

    void raise(String model, long release) throws IOException {
        if (highest(model) >= release) {
            return;
        }
        Files.createDirectories(folder);
        synchronized (IN_PROCESS) {
            try (FileChannel channel = FileChannel.open(
                            folder.resolve("releases.lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                    FileLock lock = channel.lock()) {
                Map<String, Long> releases = read();
                if (lock.isValid() && releases.getOrDefault(model, 0L) < release) {
                    releases.put(model, release);
                    replace(releases);
                }
            }
        }
    }

    private void replace(Map<String, Long> releases) throws IOException {
        StringBuilder text = new StringBuilder();
        releases.forEach((model, release) ->
                text.append(model).append(' ').append(release).append('\n'));
        Path part = folder.resolve("releases.part");
        try (FileChannel out = FileChannel.open(
                part, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.TRUNCATE_EXISTING)) {
            out.write(StandardCharsets.US_ASCII.encode(text.toString()));
            out.force(true);
        }
        Files.move(part, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    private Map<String, Long> read() throws IOException {
        Map<String, Long> releases = new TreeMap<>();
        for (String line : text().split("\n")) {
            Matcher matcher = LINE.matcher(line);
            if (matcher.matches()) {
                releases.put(matcher.group(1), parse(matcher.group(2)));
            } else if (!line.isEmpty()) {
                throw new IOException(file + " is not as it was written; expected a model and its release per line");
            }
        }
        return releases;
    }

    /** Empty if there is no file yet. */
    private String text() throws IOException {
        try {
            if (Files.size(file) > MAX_BYTES) {
                throw new IOException(file + " has " + Files.size(file) + " bytes; expected at most " + MAX_BYTES);
            }
            return new String(Files.readAllBytes(file), StandardCharsets.US_ASCII);
        } catch (NoSuchFileException none) {
            return "";
        }
    }

    private long parse(String digits) throws IOException {
        try {
            return Long.parseLong(digits);
        } catch (NumberFormatException e) {
            throw new IOException(file + " has the release " + digits + "; expected a 64-bit integer", e);
        }
    }
}
