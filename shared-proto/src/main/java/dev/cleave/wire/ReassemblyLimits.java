package dev.cleave.wire;

/**
 * The bounds of a {@link Reassembly}.
 *
 * @param maxMessageBytes payload of one frame or reply
 * @param maxChunkBytes payload of one chunk
 * @param maxBufferedBytes payloads that are not whole yet, together; &ge; {@code maxMessageBytes}
 * @param maxOpen requests that are not whole yet; &ge; 1
 * @param maxAgeNanos from a request's first chunk to its last
 */
public record ReassemblyLimits(
        long maxMessageBytes, int maxChunkBytes, long maxBufferedBytes, int maxOpen, long maxAgeNanos) {
    public ReassemblyLimits {
        if (maxMessageBytes < 0
                || maxMessageBytes > Integer.MAX_VALUE - 8
                || maxChunkBytes < 1
                || maxBufferedBytes < maxMessageBytes
                || maxOpen < 1
                || maxAgeNanos < 1) {
            throw new IllegalArgumentException("reassembly limits of " + maxMessageBytes + " bytes a message, "
                    + maxChunkBytes + " a chunk, " + maxBufferedBytes + " in all, " + maxOpen + " open, " + maxAgeNanos
                    + " ns; expected less than 2 GiB a message, at least as much in all, and all else at least 1");
        }
    }
}
