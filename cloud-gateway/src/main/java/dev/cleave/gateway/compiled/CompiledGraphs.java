package dev.cleave.gateway.compiled;

import dev.cleave.gateway.folder.Folders;
import dev.cleave.gateway.folder.UseOrder;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Compiled graphs in a directory that several gateways may share, by what they were compiled for. Thread-safe.
 *
 * <p>What lies there is finished: a folder comes by an atomic rename and is never written again, only read, replaced or removed as a whole.
 * Whoever loads works in a {@link Workspace}, on copies. So nothing has to be locked, and a folder may be removed at any
 * time: a reader that misses a file finds nothing, and compiles.
 */
public final class CompiledGraphs implements AutoCloseable {
    static final String KEY = "key.json";
    static final String FILES = "files.json";
    private static final Logger LOG = LoggerFactory.getLogger(CompiledGraphs.class);
    private static final String DIGEST = "[0-9a-f]{64}";

    private final Path directory;
    private final long maxBytes;
    private final PrivateFolder mine;

    private CompiledGraphs(Path directory, long maxBytes, PrivateFolder mine) {
        this.directory = directory;
        this.maxBytes = maxBytes;
        this.mine = mine;
    }

    /**
     * Opens a directory, makes it if it is not there, and removes what is over the bound.
     *
     * @param maxBytes of all that is kept
     */
    public static CompiledGraphs open(Path directory, long maxBytes) throws IOException {
        if (!Files.isDirectory(directory)) {
            Files.createDirectories(directory.toAbsolutePath().getParent());
            Files.createDirectory(
                    directory, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        }
        CompiledGraphs graphs = new CompiledGraphs(directory, maxBytes, PrivateFolder.make(directory));
        graphs.prune();
        return graphs;
    }

    /** A folder to load in, with what is known under the key. To be closed after the session that was loaded. */
    public Workspace begin(CompileKey key) throws IOException {
        Path folder = mine.newFolder();
        FileList known = take(directory.resolve(key.digest()), folder);
        return new Workspace(this, key, folder, known);
    }

    /** Copies what is kept, if it is all as it was; null if it is not. */
    private FileList take(Path kept, Path to) throws IOException {
        if (!Files.isDirectory(kept)) {
            return null;
        }
        try {
            FileList files = FileList.parse(kept.resolve(FILES));
            if (files.bytes() <= maxBytes && files.copy(kept, to)) {
                markLast(kept);
                return files;
            }
            LOG.warn("{} is not as it was written; the graph is compiled anew", kept);
        } catch (IOException e) {
            LOG.warn("{} cannot be used ({}); the graph is compiled anew", kept, e.toString());
        }
        discard(kept);
        empty(to);
        return null;
    }

    private void markLast(Path folder) throws IOException {
        List<Path> all = kept().stream().map(kept -> kept.resolve(FILES)).toList();
        UseOrder.markLast(folder.resolve(FILES), all);
    }

    private static void empty(Path folder) throws IOException {
        Folders.delete(folder);
        Files.createDirectory(folder);
    }

    /**
     * Keeps what a workspace holds.
     *
     * @param replacing whether there was something under the key, which the engine did not like
     */
    void keep(CompileKey key, Path from, FileList files, boolean replacing) throws IOException {
        Path sealed = mine.newFolder();
        if (!files.copy(from, sealed)) {
            throw new IOException("what was compiled changed while it was copied");
        }
        Files.write(sealed.resolve(KEY), key.json());
        Files.write(sealed.resolve(FILES), files.json());
        markLast(sealed);
        Path kept = directory.resolve(key.digest());
        if (replacing) {
            discard(kept);
        }
        try {
            Files.move(sealed, kept, StandardCopyOption.ATOMIC_MOVE);
        } catch (FileSystemException occupied) {
            if (!Files.isDirectory(kept)) {
                throw occupied;
            }
            LOG.debug("another gateway has kept {} meanwhile", kept);
            Folders.delete(sealed);
        }
        prune();
    }

    /** Removes those unused for longest until the rest is within the bound. */
    private void prune() throws IOException {
        record Kept(Path folder, long bytes, long place) {}
        List<Kept> all = new ArrayList<>();
        for (Path folder : kept()) {
            try {
                long place = Files.getLastModifiedTime(folder.resolve(FILES)).toMillis();
                all.add(new Kept(folder, size(folder), place));
            } catch (IOException unfinished) {
                discard(folder);
            }
        }
        all.sort(Comparator.comparingLong(Kept::place).thenComparing(Kept::folder));
        long bytes = all.stream().mapToLong(Kept::bytes).sum();
        for (Kept one : all) {
            if (bytes <= maxBytes) {
                return;
            }
            LOG.info("{} of {} bytes is removed: more than {} are kept", one.folder(), one.bytes(), maxBytes);
            discard(one.folder());
            bytes -= one.bytes();
        }
    }

    private List<Path> kept() throws IOException {
        try (Stream<Path> all = Files.list(directory)) {
            return all.filter(path -> path.getFileName().toString().matches(DIGEST) && Files.isDirectory(path))
                    .toList();
        }
    }

    private static long size(Path folder) throws IOException {
        long bytes = 0;
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : (Iterable<Path>) files::iterator) {
                bytes += Files.size(file);
            }
        }
        return bytes;
    }

    /** Takes a folder out of the directory at once, then removes it; whoever else does so at the same time is no harm. */
    private void discard(Path kept) {
        try {
            Path away = mine.path().resolve("away-" + UUID.randomUUID());
            Files.move(kept, away, StandardCopyOption.ATOMIC_MOVE);
            Folders.delete(away);
        } catch (IOException gone) {
            LOG.debug("{} was not removed: {}", kept, gone.toString());
        }
    }

    /** Removes the workspaces, which must not be in use any more. */
    @Override
    public void close() throws IOException {
        mine.close();
    }
}
