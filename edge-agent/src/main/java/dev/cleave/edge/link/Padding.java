package dev.cleave.edge.link;

import com.google.protobuf.ByteString;
import java.util.Random;

/** What probes are filled with: bytes that nothing on the way can compress. */
final class Padding {
    private static final int MAX_BYTES = 64 * 1024;
    private static final ByteString NOISE = noise();

    private Padding() {}

    /** @param count at most 64 KiB, as the protocol has it */
    static ByteString of(int count) {
        return NOISE.substring(0, count);
    }

    private static ByteString noise() {
        byte[] bytes = new byte[MAX_BYTES];
        new Random(1).nextBytes(bytes);
        return ByteString.copyFrom(bytes);
    }
}
