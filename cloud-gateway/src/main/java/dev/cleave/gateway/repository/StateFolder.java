package dev.cleave.gateway.repository;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where a repository keeps what is its own: labels, the audit log, private copies of models, edge views, reports of trials. One gateway has it at
 * a time, by a lock, which goes with the process however that ends. Where it cannot be had (a models directory that is only
 * read, or that another gateway uses, too), there is a temporary one in its place that keeps nothing over a restart, and labels
 * cannot be moved. Who takes a folder removes what a process that was killed has left there; a temporary one is found by its lock.
 */
final class StateFolder implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(StateFolder.class);
    private static final String NAME = ".cleave";
    private static final String LOCK = "lock";
    private static final String TEMPORARY = "cleave-models";

    private final Path folder;
    private final FileChannel lock;
    private final String whyNotKept;

    private StateFolder(Path folder, FileChannel lock, String whyNotKept) {
        this.folder = folder;
        this.lock = lock;
        this.whyNotKept = whyNotKept;
    }

    /**
     * Takes the folder, and removes copies and views that a former process has left.
     *
     * @param configured null: {@code .cleave} in the models directory, or a temporary one
     * @throws IOException naming the configured folder if it cannot be had
     */
    static StateFolder open(Path models, Path configured) throws IOException {
        Path folder = configured == null ? models.resolve(NAME) : configured;
        String why;
        try {
            Files.createDirectories(folder);
            FileChannel lock = lock(folder.resolve(LOCK));
            if (lock != null) {
                StateFolder state = new StateFolder(folder, lock, "");
                delete(state.copies());
                delete(state.edgeViews());
                return state;
            }
            why = "another gateway uses " + folder;
        } catch (IOException e) {
            why = folder + " cannot be written (" + e + ")";
        }
        if (configured != null) {
            throw new IOException("stateDirectory " + configured + ": " + why + "; expected one of the gateway's own");
        }
        LOG.warn("labels are not kept and cannot be moved: {}", why);
        return temporary(Path.of(System.getProperty("java.io.tmpdir")), why);
    }

    /** One in a folder that many have; those of processes that are gone, which nobody has the lock of, are removed first. */
    static StateFolder temporary(Path parent, String why) throws IOException {
        try (DirectoryStream<Path> others = Files.newDirectoryStream(parent, TEMPORARY + "*")) {
            for (Path other : others) {
                removeIfLeft(other);
            }
        } catch (IOException | DirectoryIteratorException e) {
            LOG.debug("{} was not tidied up: {}", parent, e.toString());
        }
        Path folder = Files.createTempDirectory(parent, TEMPORARY);
        return new StateFolder(folder, lock(folder.resolve(LOCK)), why);
    }

    private static void removeIfLeft(Path other) throws IOException {
        Path file = other.resolve(LOCK);
        boolean isOne = Files.isDirectory(other, LinkOption.NOFOLLOW_LINKS)
                && Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)
                && Files.isWritable(file);
        FileChannel lock = isOne ? lock(file) : null;
        if (lock != null) {
            try (lock) {
                delete(other);
            }
        }
    }

    /** The lock of a file, which is made if there is none; null if somebody else has it. */
    static FileChannel lock(Path file) throws IOException {
        FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        try {
            FileLock lock = channel.tryLock();
            if (lock != null) {
                return channel;
            }
        } catch (OverlappingFileLockException inThisProcess) {
            LOG.debug("{} is locked by another gateway of this process", file);
        }
        channel.close();
        return null;
    }

    Path folder() {
        return folder;
    }

    /** Why labels cannot be moved; empty if they can. */
    String whyNotKept() {
        return whyNotKept;
    }

    Path labels() {
        return folder.resolve("labels.json");
    }

    Path copies() {
        return folder.resolve("copies");
    }

    Path edgeViews() {
        return folder.resolve("edge-views");
    }

    /** Reports of models that were tried. */
    Path trials() {
        return folder.resolve("trials");
    }

    @Override
    public void close() {
        try {
            delete(copies());
            delete(edgeViews());
            if (!whyNotKept.isEmpty()) {
                delete(folder);
            }
            if (lock != null) {
                lock.close();
            }
        } catch (IOException e) {
            LOG.warn("{} was not tidied up: {}", folder, e.toString());
        }
    }

    static void delete(Path tree) throws IOException {
        if (!Files.exists(tree)) {
            return;
        }
        List<Path> innermostFirst;
        try (Stream<Path> all = Files.walk(tree)) {
            innermostFirst = all.sorted(Comparator.reverseOrder()).toList();
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
        for (Path path : innermostFirst) {
            Files.deleteIfExists(path);
        }
    }
}
