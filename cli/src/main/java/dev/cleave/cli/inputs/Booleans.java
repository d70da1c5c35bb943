package dev.cleave.cli.inputs;

import java.nio.ByteBuffer;

/** Stored booleans are bytes; an engine may do anything with one that is neither 0 nor 1. */
final class Booleans {
    private Booleans() {}

    /** @throws MalformedInputException if a byte of the whole buffer is neither 0 nor 1 */
    static void check(ByteBuffer data) throws MalformedInputException {
        for (int at = 0; at < data.limit(); at++) {
            if ((data.get(at) & ~1) != 0) {
                throw new MalformedInputException(
                        "element " + at + " of the bool array is " + data.get(at) + "; expected 0 or 1");
            }
        }
    }
}
