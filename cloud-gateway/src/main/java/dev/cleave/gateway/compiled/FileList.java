package dev.cleave.gateway.compiled;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cleave.crypto.Hex;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The files of a folder by name, with their digests: what a finished folder says of itself, so that one which was cut short or changed is
 * known. Immutable.
 */
record FileList(SortedMap<String, Entry> files) {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Pattern NAME = Pattern.compile("[0-9A-Za-z_][0-9A-Za-z._-]{0,239}");
    private static final int MOST_FILES = 256;
    private static final long MOST_BYTES = 1 << 17;
    private static final int BUFFER = 1 << 16;

    /** One file. */
    record Entry(long size, String sha256) {}

    /** Where bytes go while they are looked at. */
    private interface Sink {
        void write(byte[] bytes, int count) throws IOException;
    }

    /**
     * What lies in a folder that an engine has written into; other things than plain files with plain names are left out.
     *
     * @throws IOException if there are too many
     */
    static FileList of(Path folder) throws IOException {
        SortedMap<String, Entry> files = new TreeMap<>();
        try (Stream<Path> all = Files.list(folder)) {
            for (Path file : (Iterable<Path>) all::iterator) {
                String name = file.getFileName().toString();
                if (NAME.matcher(name).matches() && Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
                    files.put(name, read(file, (bytes, count) -> {}));
                }
                if (files.size() > MOST_FILES) {
                    throw new IOException(folder + " has more than " + MOST_FILES + " files");
                }
            }
        }
        return new FileList(files);
    }

    /** @throws IOException if it is not such a list */
    static FileList parse(Path file) throws IOException {
        if (Files.size(file) > MOST_BYTES) {
            throw new IOException(file + " has " + Files.size(file) + " bytes; expected at most " + MOST_BYTES);
        }
        JsonNode root = JSON.readTree(Files.readAllBytes(file));
        if (root == null || !root.isObject() || root.size() > MOST_FILES) {
            throw new IOException(file + " is no list of files");
        }
        SortedMap<String, Entry> files = new TreeMap<>();
        for (Map.Entry<String, JsonNode> one : root.properties()) {
            long size = one.getValue().path("size").asLong(-1);
            String sha256 = one.getValue().path("sha256").asText();
            if (!NAME.matcher(one.getKey()).matches() || size < 0 || !Hex.is(sha256, 32)) {
                throw new IOException(file + " is no list of files");
            }
            files.put(one.getKey(), new Entry(size, sha256));
        }
        return new FileList(files);
    }

    byte[] json() throws IOException {
        ObjectNode root = JSON.createObjectNode();
        files.forEach(
                (name, entry) -> root.putObject(name).put("size", entry.size()).put("sha256", entry.sha256()));
        return JSON.writerWithDefaultPrettyPrinter().writeValueAsBytes(root);
    }

    long bytes() {
        return files.values().stream().mapToLong(Entry::size).sum();
    }

    /**
     * Copies all files.
     *
     * @return false if one of them is not what the list says
     */
    boolean copy(Path from, Path to) throws IOException {
        for (Map.Entry<String, Entry> file : files.entrySet()) {
            Path source = from.resolve(file.getKey());
            if (!Files.isRegularFile(source, LinkOption.NOFOLLOW_LINKS)
                    || Files.size(source) != file.getValue().size()) {
                return false;
            }
            try (OutputStream out = Files.newOutputStream(to.resolve(file.getKey()))) {
                if (!read(source, (bytes, count) -> out.write(bytes, 0, count)).equals(file.getValue())) {
                    return false;
                }
            }
        }
        return true;
    }

    private static Entry read(Path file, Sink sink) throws IOException {
        MessageDigest digest = sha256();
        long size = 0;
        byte[] buffer = new byte[BUFFER];
        try (InputStream in = Files.newInputStream(file, LinkOption.NOFOLLOW_LINKS)) {
            for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
                digest.update(buffer, 0, count);
                sink.write(buffer, count);
                size += count;
            }
        }
        return new Entry(size, Hex.of(digest.digest()));
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JVM has SHA-256", e);
        }
    }
}
