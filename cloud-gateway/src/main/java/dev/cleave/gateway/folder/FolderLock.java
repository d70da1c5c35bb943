package dev.cleave.gateway.folder;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.LinkOption;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The lock on a file that says whose a folder is: it has one holder at a time, among all processes and within this one, and goes with
 * the process however that ends. Never by way of a link. Owns the file's channel until closed; thread-safe.
 *
 * <p>On POSIX systems a process loses its lock on a file when it closes any channel of that file, also one that never had the
 * lock. So what is held within this process is known beside the system, and a file that is held here is not opened again.
 */
public final class FolderLock implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(FolderLock.class);
    private static final Set<Path> HELD = ConcurrentHashMap.newKeySet();

    private final Path key;
    private final FileChannel channel;

    private FolderLock(Path key, FileChannel channel) {
        this.key = key;
        this.channel = channel;
    }

    /** The lock of a file, which is made if there is none; null if somebody else has it. */
    public static FolderLock take(Path file) throws IOException {
        return take(file, Set.of(StandardOpenOption.CREATE, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS));
    }

    /**
     * The same of a file that is not there yet.
     *
     * @throws java.nio.file.FileAlreadyExistsException if it is
     */
    public static FolderLock takeNew(Path file) throws IOException {
        return take(file, Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE));
    }

    /**
     * The same of a file that somebody has left.
     *
     * @throws java.nio.file.NoSuchFileException if it is not there
     */
    public static FolderLock takeLeft(Path file) throws IOException {
        return take(file, Set.of(StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS));
    }

    private static FolderLock take(Path file, Set<? extends OpenOption> how) throws IOException {
        Path absolute = file.toAbsolutePath();
        Path key = absolute.getParent().toRealPath().resolve(absolute.getFileName());
        if (!HELD.add(key)) {
            LOG.debug("{} is locked within this process", file);
            return null;
        }
        FolderLock lock = null;
        try {
            lock = open(key, how);
            return lock;
        } finally {
            if (lock == null) {
                HELD.remove(key);
            }
        }
    }

    private static FolderLock open(Path key, Set<? extends OpenOption> how) throws IOException {
        FileChannel channel = FileChannel.open(key, how);
        boolean taken = false;
        try {
            taken = channel.tryLock() != null;
        } catch (OverlappingFileLockException otherwise) {
            LOG.debug("{} is locked within this process, and not by a gateway", key);
        } finally {
            if (!taken) {
                channel.close();
            }
        }
        return taken ? new FolderLock(key, channel) : null;
    }

    /** Gives it up; the file stays. A second call does nothing. */
    @Override
    public synchronized void close() throws IOException {
        if (!channel.isOpen()) {
            return;
        }
        try {
            channel.close(); // Before anybody here may open the file again.
        } finally {
            HELD.remove(key);
        }
    }
}
