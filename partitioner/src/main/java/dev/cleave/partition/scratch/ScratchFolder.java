package dev.cleave.partition.scratch;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/**
 * A temporary folder that goes with everything in it when it is closed, or when the JVM is told to end (SIGINT, SIGTERM)
 * in the middle of the job.
 */
public final class ScratchFolder implements AutoCloseable {
    private static final Set<Path> OPEN = ConcurrentHashMap.newKeySet();

    static {
        Runtime.getRuntime().addShutdownHook(new Thread(ScratchFolder::deleteOpen, "cleave-scratch"));
    }

    private final Path path;

    private ScratchFolder(Path path) {
        this.path = path;
    }

    /** @param prefix of the folder's name */
    public static ScratchFolder create(String prefix) throws IOException {
        Path path = Files.createTempDirectory(prefix);
        OPEN.add(path);
        return new ScratchFolder(path);
    }

    /** A file in the folder; it need not exist. */
    public Path file(String name) {
        return path.resolve(name);
    }

    @Override
    public void close() throws IOException {
        try {
            delete(path);
        } finally {
            OPEN.remove(path);
        }
    }

    private static void deleteOpen() {
        for (Path path : OPEN) {
            try {
                delete(path);
            } catch (IOException leftBehind) {
                // The process ends; there is nobody to tell.
                continue;
            }
        }
    }

    private static void delete(Path folder) throws IOException {
        try (Stream<Path> paths = Files.walk(folder)) {
            for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(path);
            }
        } catch (NoSuchFileException gone) {
            return;
        } catch (UncheckedIOException walking) {
            throw walking.getCause();
        }
    }
}
