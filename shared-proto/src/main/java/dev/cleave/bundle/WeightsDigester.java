package dev.cleave.bundle;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.List;

/**
 * Digests a weights file and its prefixes in one pass, while it is written or read back. Not thread-safe.
 *
 * <pre>{@code
 * update(weights first used by segment 0) ; endOfPoint() -> prefix of point 1
 * update(weights first used by segment 1) ; endOfPoint() -> prefix of point 2
 * update(the rest)                        ; file()       -> the whole file
 * }</pre>
 */
public final class WeightsDigester {
    private static final int BUFFER = 1 << 16;

    private final String path;
    private final MessageDigest digest = Sha256.start();
    private final List<WeightPrefix> prefixes = new ArrayList<>();
    private long size;

    /** @param path in the bundle, {@link BundlePath#weights} */
    public WeightsDigester(String path) {
        this.path = path;
    }

    /**
     * Digests a file that is already written.
     *
     * @param prefixSizes bytes that points 1..k need, in order, not falling
     * @throws IOException if the file cannot be read, or ends before a prefix does
     */
    public static WeightsDigester of(String path, Path file, long... prefixSizes) throws IOException {
        WeightsDigester digester = new WeightsDigester(path);
        try (InputStream in = Files.newInputStream(file)) {
            for (long prefix : prefixSizes) {
                digester.readUntil(prefix, in);
                if (digester.size != prefix) {
                    throw new IOException(file + " has " + digester.size + " bytes; expected a prefix of " + prefix
                            + " for point " + (digester.prefixes.size() + 1));
                }
                digester.endOfPoint();
            }
            digester.readUntil(Long.MAX_VALUE, in);
        }
        return digester;
    }

    private void readUntil(long end, InputStream in) throws IOException {
        byte[] buffer = new byte[BUFFER];
        while (size < end) {
            int count = in.read(buffer, 0, (int) Math.min(BUFFER, end - size));
            if (count < 0) {
                return;
            }
            update(buffer, 0, count);
        }
    }

    public void update(byte[] bytes, int offset, int length) {
        digest.update(bytes, offset, length);
        size += length;
    }

    /** Bytes so far. */
    public long size() {
        return size;
    }

    /** Says that the bytes so far are what the segments before the next point (1, 2 ...) need. */
    public WeightPrefix endOfPoint() {
        WeightPrefix prefix = new WeightPrefix(path, prefixes.size() + 1, size, digestSoFar());
        prefixes.add(prefix);
        return prefix;
    }

    /** Prefixes of points 1, 2 ... so far. */
    public List<WeightPrefix> prefixes() {
        return new ArrayList<>(prefixes);
    }

    /** The file as it is so far. */
    public FileDigest file() {
        return new FileDigest(path, size, digestSoFar());
    }

    private String digestSoFar() {
        try {
            return Sha256.finish((MessageDigest) digest.clone());
        } catch (CloneNotSupportedException e) {
            throw new IllegalStateException("this platform's SHA-256 cannot be cloned", e);
        }
    }
}
