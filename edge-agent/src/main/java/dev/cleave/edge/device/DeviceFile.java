package dev.cleave.edge.device;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.UUID;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * The file in which an agent keeps what it found out about its device, {@code device.json}. It is replaced whole or not at all; what cannot be
 * believed is as if it were not there. A profile that no agent wrote is somebody's measurement, and left alone. Thread-safe.
 */
public final class DeviceFile {
    private static final Logger LOG = Logger.getLogger(DeviceFile.class.getName());
    private static final long LARGEST_FILE = 1 << 20;

    private final Path file;

    public DeviceFile(Path file) {
        this.file = file;
    }

    /** What it says; null if there is no file, or it cannot be believed, which is logged. */
    public DeviceRecord read() {
        try {
            return readOrRefuse();
        } catch (NoSuchFileException none) {
            return null;
        } catch (IOException refused) {
            LOG.log(Level.WARNING, "what was remembered of this device is not used: {0}", refused.getMessage());
            return null;
        }
    }

    private DeviceRecord readOrRefuse() throws IOException {
        if (Files.exists(file) && !Files.isRegularFile(file)) {
            throw new IOException(file + " is no ordinary file; expected one, or none yet");
        }
        requireSmall();
        return DeviceJson.read(file.toString(), Files.readAllBytes(file));
    }

    private void requireSmall() throws IOException {
        long size = Files.size(file);
        if (size > LARGEST_FILE) {
            throw new IOException(
                    file + " has " + size + " bytes; expected what an agent wrote, at most " + LARGEST_FILE);
        }
    }

    /**
     * Replaces the file.
     *
     * @throws IOException if it cannot be written, or is a profile that no agent wrote; it is then as it was
     */
    void write(byte[] document) throws IOException {
        requireOwn();
        Path folder = file.toAbsolutePath().getParent();
        Files.createDirectories(folder);
        Path part = folder.resolve("." + file.getFileName() + "." + UUID.randomUUID() + ".part");
        try {
            try (FileChannel out = FileChannel.open(part, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
                ByteBuffer bytes = ByteBuffer.wrap(document);
                while (bytes.hasRemaining()) {
                    out.write(bytes);
                }
                out.force(true);
            }
            Files.move(part, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } finally {
            Files.deleteIfExists(part);
        }
    }

    private void requireOwn() throws IOException {
        if (!Files.exists(file)) {
            return;
        }
        if (!Files.isRegularFile(file)) {
            throw new IOException(file + " is no ordinary file; expected one, or none yet");
        }
        requireSmall();
        DeviceRecord found;
        try {
            found = readOrRefuse();
        } catch (IOException damaged) {
            return;
        }
        if (found == null) {
            throw new IOException(file + " is a profile that no agent wrote; expected another file, or none yet");
        }
    }

    @Override
    public String toString() {
        return file.toString();
    }
}
