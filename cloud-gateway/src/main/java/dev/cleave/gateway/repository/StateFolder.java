package dev.cleave.gateway.repository;

import dev.cleave.gateway.folder.FolderLock;
import dev.cleave.gateway.folder.Folders;
import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where a repository keeps what is its own: labels, the audit log, private copies of models, edge views, reports of trials. One gateway has it at
 * a time, by a lock, which goes with the process however that ends. Where it cannot be had (a models directory that is only
 * read, or that another gateway uses, too), there is a temporary one in its place that keeps nothing over a restart, and labels
 * cannot be moved. Who takes a folder removes what a process that was killed has left there; a temporary one is found by its lock, and
 * touched only if it is this user's and closed to all others, since anybody may write where it lies.
 */
final class StateFolder implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(StateFolder.class);
    private static final String NAME = ".cleave";
    private static final String LOCK = "lock";
    private static final String TEMPORARY = "cleave-models";

    private final Path folder;
    private final FolderLock lock;
    private final String whyNotKept;

    private StateFolder(Path folder, FolderLock lock, String whyNotKept) {
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
            FolderLock lock = FolderLock.take(folder.resolve(LOCK));
            if (lock != null) {
                return emptied(new StateFolder(folder, lock, ""));
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

    private static StateFolder emptied(StateFolder state) throws IOException {
        boolean empty = false;
        try {
            Folders.delete(state.copies());
            Folders.delete(state.edgeViews());
            empty = true;
            return state;
        } finally {
            if (!empty) {
                state.lock.close();
            }
        }
    }

    /** One in a folder that many have; those of processes that are gone, which nobody has the lock of, are removed. */
    static StateFolder temporary(Path parent, String why) throws IOException {
        while (true) {
            Path folder = Files.createTempDirectory(parent, TEMPORARY);
            FolderLock lock = FolderLock.take(folder.resolve(LOCK));
            if (lock != null && Files.exists(folder.resolve(LOCK))) {
                sweep(parent, folder);
                return new StateFolder(folder, lock, why);
            }
            if (lock != null) {
                lock.close(); // Somebody took it for a dead one's before it was locked.
            }
        }
    }

    private static void sweep(Path parent, Path mine) {
        try (DirectoryStream<Path> all = Files.newDirectoryStream(parent, TEMPORARY + "*")) {
            for (Path other : all) {
                removeIfLeft(other, mine);
            }
        } catch (IOException | DirectoryIteratorException e) {
            LOG.debug("{} was not tidied up: {}", parent, e.toString());
        }
    }

    private static void removeIfLeft(Path other, Path mine) {
        try {
            if (!Folders.isOwn(other, mine)) {
                return;
            }
            try (FolderLock lock = FolderLock.takeLeft(other.resolve(LOCK))) {
                if (lock != null) {
                    Folders.delete(other);
                }
            }
        } catch (NoSuchFileException gone) {
            LOG.debug("{} has no lock, or was removed by somebody else", other);
        } catch (IOException e) { // The next ones may go all the same.
            LOG.warn("{}, which a process that has died left, was not removed: {}", other, e.toString());
        }
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

    /** What is only of use while it is held goes; the lock goes in any case. */
    @Override
    public void close() {
        try (lock) {
            if (whyNotKept.isEmpty()) {
                Folders.delete(copies());
                Folders.delete(edgeViews());
            } else {
                Folders.delete(folder);
            }
        } catch (IOException e) {
            LOG.warn("{} was not tidied up: {}", folder, e.toString());
        }
    }
}
