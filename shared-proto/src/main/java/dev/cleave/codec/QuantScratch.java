package dev.cleave.codec;

import dev.cleave.codec.context.ContextScratch;

/**
 * What {@link QuantCodec} needs for one tensor beside the result: one thread at a time, kept for the next tensor. Grows to
 * the largest tensor seen.
 */
final class QuantScratch {
    final float[] block = new float[Quantizer.BLOCK];
    final ContextScratch context = new ContextScratch();
    private byte[] symbols = {};

    /** Room for that many symbols or more; contents are left over. */
    byte[] symbols(int count) {
        if (symbols.length < count) {
            symbols = new byte[count];
        }
        return symbols;
    }
}
