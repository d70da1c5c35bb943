package dev.cleave.gateway.repository;

import dev.cleave.bundle.Bundle;
import dev.cleave.gateway.folder.FolderLock;
import dev.cleave.gateway.model.BundleOpener;
import dev.cleave.gateway.repository.RepositoryException.Kind;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.UUID;
import java.util.concurrent.Semaphore;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Models that are pushed: received into a hidden folder of the models directory, a bundle checked there, then moved to
 * {@code name/version/name.cleave}, a plain model to {@code name.onnx} there, which is tried before it is loaded. Never a whole one in memory, never a
 * version that is there already, never a path that was not made of a checked name and a number. Thread-safe; one push at a time, by a lock that goes
 * with the process.
 */
public final class Incoming {
    static final String FOLDER = ".incoming";
    private static final Logger LOG = LoggerFactory.getLogger(Incoming.class);
    private static final String LOCK = "lock";
    private static final String SUFFIX = ".part";
    private static final int BUFFER = 1 << 16;

    private final Path directory;
    private final BundleOpener opener;
    private final long maxBytes;
    private final Semaphore one = new Semaphore(1);

    Incoming(Path directory, BundleOpener opener, long maxBytes) {
        this.directory = directory;
        this.opener = opener;
        this.maxBytes = maxBytes;
    }

    /** Most bytes of a model. */
    public long maxBytes() {
        return maxBytes;
    }

    /**
     * Receives a bundle.
     *
     * @param version a positive whole number; the contract must say the same two names
     * @param body read to its end, or to the bound
     * @return the path in the models directory where it lies now
     * @throws RepositoryException if it is not taken; nothing is left of it then
     * @throws IOException if it cannot be received or written
     */
    public String receive(String name, String version, InputStream body) throws RepositoryException, IOException {
        return receive(name, version, ModelFolder.SUFFIX, body);
    }

    /** The same for a plain model in one file, which says of itself neither what it is called nor which version it is. */
    public String receivePlain(String name, String version, InputStream body) throws RepositoryException, IOException {
        try {
            opener.requireUnsignedServed("the model");
        } catch (IOException e) {
            throw new RepositoryException(Kind.MALFORMED, e.getMessage());
        }
        return receive(name, version, ModelFolder.PLAIN, body);
    }

    private String receive(String name, String version, String ending, InputStream body)
            throws RepositoryException, IOException {
        if (!ModelNames.isFolder(name) || !ModelNames.isNumber(version)) {
            throw new RepositoryException(
                    Kind.MALFORMED,
                    "\"" + name + "\" version \"" + version
                            + "\"; expected a model's name and a positive whole number");
        }
        if (!one.tryAcquire()) {
            throw busy();
        }
        try {
            Path folder = Files.createDirectories(directory.resolve(FOLDER));
            requireInside(folder);
            try (FolderLock lock = FolderLock.take(folder.resolve(LOCK))) {
                if (lock == null) {
                    throw busy();
                }
                removeParts(folder);
                return receive(name, version, ending, body, folder.resolve(UUID.randomUUID() + SUFFIX));
            }
        } finally {
            one.release();
        }
    }

    private static RepositoryException busy() {
        return new RepositoryException(Kind.CONFLICT, "another model is being pushed; expected one at a time");
    }

    private String receive(String name, String version, String ending, InputStream body, Path part)
            throws RepositoryException, IOException {
        try {
            requireFree(name, version);
            write(body, part);
            if (ending.equals(ModelFolder.SUFFIX)) {
                check(part, name, version);
            }
            return place(part, name, version, ending);
        } finally {
            Files.deleteIfExists(part);
        }
    }

    /** Removes what a gateway that was killed while it received has left; unless another one is receiving now. */
    void tidy() {
        Path folder = directory.resolve(FOLDER);
        if (!Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        try (FolderLock lock = FolderLock.take(folder.resolve(LOCK))) {
            if (lock != null) {
                removeParts(folder);
            }
        } catch (IOException e) {
            LOG.warn("{} was not tidied up: {}", folder, e.toString());
        }
    }

    /** To be called by who has the lock, so nobody writes them. */
    private static void removeParts(Path folder) throws IOException {
        try (DirectoryStream<Path> parts = Files.newDirectoryStream(folder, "*" + SUFFIX)) {
            for (Path part : parts) {
                Files.deleteIfExists(part);
            }
        } catch (DirectoryIteratorException e) {
            throw e.getCause();
        }
    }

    private void write(InputStream body, Path part) throws IOException, RepositoryException {
        byte[] buffer = new byte[BUFFER];
        long bytes = 0;
        try (FileChannel out = FileChannel.open(part, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            for (int read = body.read(buffer); read >= 0; read = body.read(buffer)) {
                bytes += read;
                if (bytes > maxBytes) {
                    throw new RepositoryException(
                            Kind.TOO_LARGE, "bundle has more than " + maxBytes + " bytes; expected at most that");
                }
                keep(ByteBuffer.wrap(buffer, 0, read), out);
            }
            out.force(true);
        }
    }

    private void keep(ByteBuffer bytes, FileChannel out) throws IOException {
        try {
            while (bytes.hasRemaining()) {
                out.write(bytes);
            }
        } catch (IOException e) {
            throw new IOException(
                    "the bundle cannot be written into " + directory.resolve(FOLDER) + ": " + e.getMessage(), e);
        }
    }

    private void check(Path part, String name, String version) throws RepositoryException {
        Bundle bundle;
        try {
            bundle = opener.open(part);
        } catch (IOException e) {
            String message = String.valueOf(e.getMessage()).replace(part.toString(), "the bundle");
            throw new RepositoryException(Kind.MALFORMED, message);
        }
        String holds = bundle.contract().modelName();
        String holdsVersion = bundle.contract().modelVersion();
        if (!holds.equals(name) || !holdsVersion.equals(version)) {
            throw new RepositoryException(
                    Kind.MALFORMED,
                    "the bundle holds model \"" + holds + "\" version \"" + holdsVersion + "\"; expected \"" + name
                            + "\" version \"" + version + "\"");
        }
    }

    private Path folder(String name, String version) {
        return directory.resolve(name).resolve(version);
    }

    private void requireFree(String name, String version) throws RepositoryException {
        if (Files.exists(folder(name, version), LinkOption.NOFOLLOW_LINKS)) {
            throw taken(name, version);
        }
    }

    private static RepositoryException taken(String name, String version) {
        return new RepositoryException(
                Kind.CONFLICT,
                "model \"" + name + "\" " + version + " lies here already; expected a version that does not");
    }

    /** The folder of the version is new, so nothing can be overwritten by the move. */
    private String place(Path part, String name, String version, String ending)
            throws IOException, RepositoryException {
        requireInside(Files.createDirectories(directory.resolve(name)));
        Path folder = folder(name, version);
        try {
            Files.createDirectory(folder);
        } catch (FileAlreadyExistsException e) {
            throw taken(name, version);
        }
        Path file = folder.resolve(name + ending);
        boolean moved = false;
        try {
            Files.move(part, file, StandardCopyOption.ATOMIC_MOVE);
            moved = true;
        } finally {
            if (!moved) {
                Files.deleteIfExists(folder);
            }
        }
        return name + "/" + version + "/" + file.getFileName();
    }

    /** A link in the directory may not lead a push elsewhere. */
    private void requireInside(Path folder) throws IOException, RepositoryException {
        if (!folder.toRealPath().equals(directory.toRealPath().resolve(folder.getFileName()))) {
            throw new RepositoryException(
                    Kind.CONFLICT, folder.getFileName() + " is a link; expected a folder of the models directory");
        }
    }
}
