package dev.cleave.bundle;

/** Size in bytes and SHA-256 (lower-case hex) of a bundle entry. */
public record FileDigest(String path, long size, String sha256) {
    /** The digest of a file that is in memory, a graph say. */
    public static FileDigest of(String path, byte[] bytes) {
        return new FileDigest(path, bytes.length, Sha256.hex(bytes));
    }
}
