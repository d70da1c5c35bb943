package dev.cleave.gateway.compiled;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
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

    /** Locks of this process: to open and close such a file, even without locking it, would give its lock up on POSIX systems. */
    private static final Set<Path> HELD = ConcurrentHashMap.newKeySet();

    private final Path folder;
    private final Path lockFile;
    private final FileChannel lock;

    private PrivateFolder(Path folder, Path lockFile, FileChannel lock) {
        this.folder = folder;
        this.lockFile = lockFile;
        this.lock = lock;
    }

    static PrivateFolder make(Path directory) throws IOException {
        sweep(directory);
        while (true) {
            String name = PREFIX + UUID.randomUUID();
            Path lockFile = directory.resolve(name + LOCK);
            HELD.add(key(lockFile));
            FileChannel lock = lock(lockFile, StandardOpenOption.CREATE_NEW);
            if (lock != null && Files.exists(lockFile)) {
                return new PrivateFolder(Files.createDirectory(directory.resolve(name)), lockFile, lock);
            }
            if (lock != null) {
                lock.close(); // Somebody took it for a dead one's before it was locked.
            }
            HELD.remove(key(lockFile));
        }
    }

    private static void sweep(Path directory) throws IOException {
        List<Path> lockFiles;
        try (Stream<Path> all = Files.list(directory)) {
            lockFiles = all.filter(file -> file.getFileName().toString().startsWith(PREFIX)
                            && file.getFileName().toString().endsWith(LOCK)
                            && !HELD.contains(key(file)))
                    .toList();
        }
        for (Path lockFile : lockFiles) {
            try (FileChannel lock = lock(lockFile, StandardOpenOption.WRITE)) {
                if (lock != null) {
                    String name = lockFile.getFileName().toString();
                    delete(directory.resolve(name.substring(0, name.length() - LOCK.length())));
                    Files.deleteIfExists(lockFile);
                }
            } catch (NoSuchFileException gone) {
                LOG.debug("{} was removed by somebody else", lockFile);
            }
        }
    }

    private static Path key(Path lockFile) {
        return lockFile.toAbsolutePath().normalize();
    }

    /** Null if somebody else has it. */
    private static FileChannel lock(Path file, StandardOpenOption option) throws IOException {
        FileChannel channel = FileChannel.open(file, option, StandardOpenOption.WRITE);
        try {
            FileLock lock = channel.tryLock();
            if (lock != null) {
                return channel;
            }
        } catch (OverlappingFileLockException inThisProcess) {
            LOG.debug("{} is locked within this process", file);
        }
        channel.close();
        return null;
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

    /** Removes a folder and all in it; links are removed, not followed. */
    static void delete(Path tree) throws IOException {
        List<Path> innermostFirst;
        try (Stream<Path> all = Files.walk(tree)) {
            innermostFirst = all.sorted(Comparator.reverseOrder()).toList();
        } catch (NoSuchFileException gone) {
            return;
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
        for (Path path : innermostFirst) {
            Files.deleteIfExists(path);
        }
    }

    @Override
    public void close() throws IOException {
        delete(folder);
        Files.deleteIfExists(lockFile);
        lock.close();
        HELD.remove(key(lockFile));
    }
}
