package dev.cleave.edge.update;

import dev.cleave.crypto.Hex;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The folder of an agent that updates itself; a lock keeps every other agent out of it until it is closed. Not thread-safe.
 *
 * <pre>
 * lock            held while the agent lives
 * versions        BUNDLE_ID STATE STARTS, one line each; replaced whole, before files change
 * BUNDLE_ID.cleave   an edge view; of no meaning without its line in versions
 * SHA256.part     what has come so far of the file with that digest
 * </pre>
 *
 * <p>So whenever the process ends, a file is either whole and known, or not known and removed at the next start.
 */
final class BundleShelf implements AutoCloseable {
    private static final Logger LOG = Logger.getLogger(BundleShelf.class.getName());
    private static final Pattern LINE = Pattern.compile("([0-9a-f]{64}) (trial|good|bad) ([0-9]{1,4})");
    private static final int DIGEST_BYTES = 32;
    private static final int MAX_BYTES = 1 << 16;
    private static final int MOST_BAD = 256;
    private static final String BUNDLE = ".cleave";
    private static final String PART = ".part";

    /** What is known of a version. */
    enum State {
        /** Its trial is not over. */
        TRIAL,
        /** It did no worse than the one before. */
        GOOD,
        /** It did worse. Not to be fetched again. */
        BAD
    }

    /** @param starts of agents that ran it on trial */
    record Entry(State state, int starts) {}

    private final Path folder;
    private final FileChannel lockFile;
    private final Map<String, Entry> entries = new LinkedHashMap<>();

    private BundleShelf(Path folder, FileChannel lockFile) {
        this.folder = folder;
        this.lockFile = lockFile;
    }

    /** @throws IOException if the folder cannot be used, or another agent uses it; one line */
    static BundleShelf open(Path folder) throws IOException {
        Files.createDirectories(folder);
        FileChannel lockFile =
                FileChannel.open(folder.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        if (!isLocked(lockFile)) {
            lockFile.close();
            throw new IOException(
                    "folder " + folder + " for updates is in use by another agent; expected one of its own");
        }
        BundleShelf shelf = new BundleShelf(folder, lockFile);
        try {
            if (!shelf.read()) {
                shelf.takeForTried();
            }
            shelf.removeUnknown();
            return shelf;
        } catch (IOException | RuntimeException e) {
            shelf.close();
            throw e;
        }
    }

    private static boolean isLocked(FileChannel file) throws IOException {
        try {
            FileLock lock = file.tryLock();
            return lock != null;
        } catch (OverlappingFileLockException ours) {
            return false;
        }
    }

    /** False if the file is not as it was written: then nothing of it counts. */
    private boolean read() throws IOException {
        Path file = folder.resolve("versions");
        Map<String, Entry> read = new LinkedHashMap<>();
        try {
            if (Files.size(file) > MAX_BYTES) {
                return false;
            }
            for (String line : Files.readAllLines(file, StandardCharsets.US_ASCII)) {
                Matcher matcher = LINE.matcher(line);
                if (!matcher.matches()) {
                    return false;
                }
                State state = State.valueOf(matcher.group(2).toUpperCase(Locale.ROOT));
                read.put(matcher.group(1), new Entry(state, Integer.parseInt(matcher.group(3))));
            }
        } catch (NoSuchFileException none) {
            return true;
        } catch (CharacterCodingException spoilt) {
            return false;
        }
        entries.putAll(read);
        return true;
    }

    /**
     * What became of the versions that are here is not known any more: they are on trial again. They may not simply go, since the
     * agent's own bundle may be too old to be trusted any more.
     */
    private void takeForTried() throws IOException {
        LOG.log(
                Level.WARNING,
                "{0} is not as it was written; versions that are there are tried anew",
                folder.resolve("versions"));
        for (Path file : files(BUNDLE)) {
            entries.put(stem(file, BUNDLE), new Entry(State.TRIAL, 0));
        }
    }

    /** Files that have no line; what of a download has come stays. */
    private void removeUnknown() throws IOException {
        for (Path file : files(BUNDLE)) {
            Entry entry = entries.get(stem(file, BUNDLE));
            if (entry == null || entry.state() == State.BAD) {
                Files.deleteIfExists(file);
            }
        }
    }

    private List<Path> files(String suffix) throws IOException {
        List<Path> files = new ArrayList<>();
        try (DirectoryStream<Path> listing = Files.newDirectoryStream(folder, "*" + suffix)) {
            for (Path file : listing) {
                if (Hex.is(stem(file, suffix), DIGEST_BYTES)) {
                    files.add(file);
                }
            }
        }
        return files;
    }

    private static String stem(Path file, String suffix) {
        String name = file.getFileName().toString();
        return name.substring(0, name.length() - suffix.length());
    }

    /** Versions that may be run, and have a file. */
    List<String> kept() {
        List<String> kept = new ArrayList<>();
        for (Map.Entry<String, Entry> entry : entries.entrySet()) {
            if (entry.getValue().state() != State.BAD && Files.exists(file(entry.getKey()))) {
                kept.add(entry.getKey());
            }
        }
        return Collections.unmodifiableList(kept);
    }

    /** Null for a version that nothing is known of. */
    Entry entry(String bundleId) {
        return entries.get(bundleId);
    }

    boolean isBad(String bundleId) {
        Entry entry = entries.get(bundleId);
        return entry != null && entry.state() == State.BAD;
    }

    Path file(String bundleId) {
        return folder.resolve(bundleId + BUNDLE);
    }

    /** Where a download goes; those of other files are given up. */
    Path part(String sha256) throws IOException {
        Path wanted = folder.resolve(sha256 + PART);
        for (Path file : files(PART)) {
            if (!file.equals(wanted)) {
                Files.deleteIfExists(file);
            }
        }
        return wanted;
    }

    /**
     * Gives a download that was checked its place among the versions, on trial and begun once. Its line comes first: a line without a
     * file means nothing, and the download stays what it is until it is moved.
     *
     * @throws IOException if that cannot be remembered, or it cannot be moved; nothing has changed
     */
    Path takeOnTrial(String bundleId, Path part) throws IOException {
        try {
            mark(bundleId, State.TRIAL, 1);
            return Files.move(
                    part, file(bundleId), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            entries.remove(bundleId);
            throw e;
        }
    }

    /** Bytes that the folder's disk has left. */
    long usableBytes() {
        return folder.toFile().getUsableSpace();
    }

    /** Remembers what is known of a version; in a new line at the end if nothing was. */
    void mark(String bundleId, State state, int starts) throws IOException {
        entries.put(bundleId, new Entry(state, starts));
        List<String> bad = new ArrayList<>();
        entries.forEach((id, entry) -> {
            if (entry.state() == State.BAD) {
                bad.add(id);
            }
        });
        for (String id : bad.subList(0, Math.max(0, bad.size() - MOST_BAD))) {
            entries.remove(id);
        }
        write();
    }

    /** A version and its file; forgotten, so that it may be fetched again. */
    void drop(String bundleId) throws IOException {
        entries.remove(bundleId);
        write();
        remove(bundleId);
    }

    /** Its file alone. One that is in use stays so: its bytes go when the last who maps them does. */
    void remove(String bundleId) {
        removeFile(file(bundleId));
    }

    /** A file of this folder, now or at the next start. */
    void removeFile(Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            LOG.log(Level.FINE, "{0} is removed at the next start: {1}", new Object[] {file, e});
        }
    }

    /** Drops every version but this one, and those that are bad. */
    void keepOnly(String bundleId) throws IOException {
        List<String> others = new ArrayList<>();
        entries.forEach((id, entry) -> {
            if (entry.state() != State.BAD && !id.equals(bundleId)) {
                others.add(id);
            }
        });
        entries.keySet().removeAll(others);
        write();
        others.forEach(this::remove);
    }

    private void write() throws IOException {
        StringBuilder text = new StringBuilder();
        entries.forEach((id, entry) -> text.append(id)
                .append(' ')
                .append(entry.state().name().toLowerCase(Locale.ROOT))
                .append(' ')
                .append(Math.min(entry.starts(), 9999))
                .append('\n'));
        Path part = folder.resolve("versions.new");
        try (FileChannel out = FileChannel.open(
                part, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.TRUNCATE_EXISTING)) {
            out.write(StandardCharsets.US_ASCII.encode(text.toString()));
            out.force(true);
        }
        Files.move(
                part, folder.resolve("versions"), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    @Override
    public void close() {
        try {
            lockFile.close();
        } catch (IOException e) {
            LOG.log(Level.FINE, "the lock of {0}: {1}", new Object[] {folder, e});
        }
    }
}
