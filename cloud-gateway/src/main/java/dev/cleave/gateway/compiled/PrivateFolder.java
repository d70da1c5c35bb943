package dev.cleave.gateway.compiled;

import dev.cleave.gateway.folder.FolderLock;
import dev.cleave.gateway.folder.Folders;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A folder within a shared directory in which nobody else works: whoever holds the lock on the file beside it owns it. What
 * processes that have died left behind is removed by the next one that comes. Owns the lock until closed.
 *
 * <p>The lock is taken before the folder is made, and whoever removes a folder takes its lock first, so that of two processes that start
 * at once neither removes what the other has just made.
 */
final class PrivateFolder implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(PrivateFolder.class);
    private static final String PREFIX = "work-";
    private static final String LOCK = ".lock";

    private final Path folder;
    private final Path lockFile;
    private final FolderLock lock;

    private PrivateFolder(Path folder, Path lockFile, FolderLock lock) {
        this.folder = folder;
        this.lockFile = lockFile;
        this.lock = lock;
    }

    static PrivateFolder make(Path directory) throws IOException {
        sweep(directory);
        while (true) {
            String name = PREFIX + UUID.randomUUID();
            Path lockFile = directory.resolve(name + LOCK);
            FolderLock lock = FolderLock.takeNew(lockFile);
            boolean made = false;
            try {
                if (lock != null && Files.exists(lockFile)) {
                    Path folder = Files.createDirectory(directory.resolve(name));
                    made = true;
                    return new PrivateFolder(folder, lockFile, lock);
                }
            } finally {
                if (!made && lock != null) {
                    lock.close(); // Somebody took it for a dead one's before it was locked.
                }
            }
        }
    }

    private static void sweep(Path directory) throws IOException {
        List<Path> lockFiles;
        try (Stream<Path> all = Files.list(directory)) {
            lockFiles = all.filter(file -> file.getFileName().toString().startsWith(PREFIX)
                            && file.getFileName().toString().endsWith(LOCK))
                    .toList();
        }
        for (Path lockFile : lockFiles) {
            try (FolderLock lock = FolderLock.takeLeft(lockFile)) {
                if (lock != null) {
                    String name = lockFile.getFileName().toString();
                    Folders.delete(directory.resolve(name.substring(0, name.length() - LOCK.length())));
                    Files.deleteIfExists(lockFile);
                }
            } catch (NoSuchFileException gone) {
                LOG.debug("{} was removed by somebody else", lockFile);
            } catch (IOException e) { // The next ones may go all the same.
                LOG.warn("what a process that has died left beside {} was not removed: {}", lockFile, e.toString());
            }
        }
    }

    Path path() {
        return folder;
    }

    /** An empty folder of a name that is not taken. */
    Path newFolder() throws IOException {
        while (true) {
            try {
                return Files.createDirectory(folder.resolve(UUID.randomUUID().toString()));
            } catch (FileAlreadyExistsException again) {
                LOG.debug("two equal random names", again);
            }
        }
    }

    /** What cannot be removed keeps its lock's file, by which the next process that comes finds it. */
    @Override
    public void close() throws IOException {
        try (lock) {
            Folders.delete(folder);
            Files.deleteIfExists(lockFile);
        }
    }
}
