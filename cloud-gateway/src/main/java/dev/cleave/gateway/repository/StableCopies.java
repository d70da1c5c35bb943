package dev.cleave.gateway.repository;

import dev.cleave.gateway.folder.Folders;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Private copies of models' files. Weights are mapped from the file that a bundle was opened from, and a mapped file that
 * somebody cuts short ends the process with SIGBUS, whatever Java would catch; a file that is overwritten in place changes
 * weights under running requests. So nothing is ever mapped from a file that others can write: each is copied first, and
 * what is checked is the copy. A hard link would not do, for it is the same file. Thread-safe.
 */
final class StableCopies {
    private static final Logger LOG = LoggerFactory.getLogger(StableCopies.class);

    private final Path folder;
    private final AtomicLong count = new AtomicLong();

    /** @param folder made when the first copy is */
    StableCopies(Path folder) {
        this.folder = folder;
    }

    /**
     * Copies a model's files, under their own names, into a folder of their own.
     *
     * @param directory that its path is of
     * @return the copy of the model itself, or null if a file is not, or no longer, as its stamp says
     * @throws IOException if one cannot be read or a copy not be written; names the copies' folder and what it needs
     */
    Path copy(Path directory, FoundFile found) throws IOException {
        Path file = directory.resolve(found.path());
        try {
            return write(file, found);
        } catch (NoSuchFileException gone) {
            throw gone;
        } catch (IOException e) {
            String why = e instanceof FileSystemException named && named.getReason() != null
                    ? named.getReason()
                    : String.valueOf(e.getMessage());
            long needed = found.stamp().bytes()
                    + found.beside().values().stream()
                            .mapToLong(FileStamp::bytes)
                            .sum();
            throw new IOException(
                    file + " cannot be copied into " + folder + ": " + why + "; expected room for " + needed
                            + " bytes, and leave to read and write",
                    e);
        }
    }

    private Path write(Path file, FoundFile found) throws IOException {
        Path own = Files.createDirectories(folder.resolve(Long.toString(count.incrementAndGet())));
        Path copy = own.resolve(file.getFileName().toString());
        boolean whole = false;
        try {
            whole = copy(file, found.stamp(), copy);
            for (Map.Entry<String, FileStamp> weights : found.beside().entrySet()) {
                whole = whole
                        && copy(
                                file.resolveSibling(weights.getKey()),
                                weights.getValue(),
                                own.resolve(weights.getKey()));
            }
        } finally {
            if (!whole) {
                delete(copy);
            }
        }
        return whole ? copy : null;
    }

    private static boolean copy(Path file, FileStamp stamp, Path copy) throws IOException {
        try (FileChannel in = FileChannel.open(file, StandardOpenOption.READ);
                FileChannel out = FileChannel.open(copy, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            long done = 0;
            long moved = -1;
            while (done < stamp.bytes() && moved != 0) {
                moved = in.transferTo(done, stamp.bytes() - done, out);
                done += moved;
            }
            return done == stamp.bytes()
                    && stamp.equals(FileStamp.of(Files.readAttributes(file, BasicFileAttributes.class)));
        }
    }

    /** Nobody uses the copy of a model any more, nor what lies beside it. */
    void delete(Path copy) {
        try {
            Folders.delete(copy.getParent());
        } catch (IOException e) {
            LOG.warn("copy {} was not removed: {}", copy, e.toString());
        }
    }
}
