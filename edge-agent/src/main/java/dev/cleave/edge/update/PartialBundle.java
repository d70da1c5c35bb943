package dev.cleave.edge.update;

import dev.cleave.crypto.Hex;
import dev.cleave.v1.BundlePiece;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/**
 * A file that comes in pieces, and what of it has come. What is there when it is opened is believed until the whole can be
 * checked. Owns the open file. Not thread-safe.
 */
final class PartialBundle implements AutoCloseable {
    private static final int SCRATCH_BYTES = 1 << 16;

    private final Path file;
    private final long total;
    private final FileChannel channel;
    private long length;
    private boolean pieced;

    private PartialBundle(Path file, long total, FileChannel channel, long length) {
        this.file = file;
        this.total = total;
        this.channel = channel;
        this.length = length;
    }

    /** @param total bytes that the file will have; one that has more already begins anew */
    static PartialBundle open(Path file, long total) throws IOException {
        FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        try {
            if (channel.size() > total) {
                channel.truncate(0);
            }
            channel.position(channel.size());
            return new PartialBundle(file, total, channel, channel.size());
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw e;
        }
    }

    Path file() {
        return file;
    }

    /** Bytes that have come. */
    long length() {
        return length;
    }

    boolean isWhole() {
        return length == total;
    }

    /** What comes from now on comes from another call: from another gateway perhaps, whose file is another one. */
    void goOn() {
        pieced |= length > 0;
    }

    /** Whether it came from more than one call, this process's or an earlier one's: then it may be the parts of two files. */
    boolean isPieced() {
        return pieced;
    }

    /** Everything that has come is dropped. */
    void beginAnew() throws IOException {
        channel.truncate(0);
        channel.position(0);
        length = 0;
        pieced = false;
    }

    /** Null if this is the piece that comes next, else what is wrong with it; one line. */
    String refusal(BundlePiece piece) {
        if (piece.getTotalBytes() != total) {
            return "gateway sends a file of " + Long.toUnsignedString(piece.getTotalBytes()) + " bytes; expected "
                    + total + " as it said";
        }
        if (piece.getOffset() != length) {
            return "gateway sends bytes from " + Long.toUnsignedString(piece.getOffset()) + " on; expected from "
                    + length;
        }
        if (piece.getData().size() > total - length) {
            return "gateway sends " + piece.getData().size() + " bytes from " + length + " on; expected at most "
                    + (total - length);
        }
        if (piece.getData().isEmpty() && !isWhole()) {
            return "gateway sends an empty piece at " + length + " of " + total + " bytes; expected the next ones";
        }
        return null;
    }

    /**
     * Adds a piece that was not refused.
     *
     * @throws IOException if it cannot be written: the disk is full, say; what came before stays
     */
    void add(BundlePiece piece) throws IOException {
        for (ByteBuffer data : piece.getData().asReadOnlyByteBufferList()) {
            while (data.hasRemaining()) {
                channel.write(data);
            }
        }
        length += piece.getData().size();
    }

    /** Sees to it that it is on the disk. */
    void force() throws IOException {
        channel.force(true);
    }

    /** SHA-256 of what has come, lower-case hex. */
    String sha256() throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            byte[] scratch = new byte[SCRATCH_BYTES];
            for (int read = in.read(scratch); read >= 0; read = in.read(scratch)) {
                digest.update(scratch, 0, read);
            }
            return Hex.of(digest.digest());
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException("every Java platform has SHA-256", impossible);
        }
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
