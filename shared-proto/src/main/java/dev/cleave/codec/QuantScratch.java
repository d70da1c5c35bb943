package dev.cleave.codec;

import dev.cleave.codec.context.ContextScratch;
import dev.cleave.codec.temporal.TemporalScratch;

/**
 * What {@link QuantCodec} needs for one tensor beside the result: one thread at a time, kept for the next tensor. Grows to
 * the largest tensor seen.
 */
final class QuantScratch {
    final float[] block = new float[Quantizer.BLOCK];
    final ContextScratch context = new ContextScratch();
    private TemporalScratch temporal;
    private byte[] symbols = {};
    private byte[] floors = {};
    private byte[] fractions = {};

    /** Room for that many symbols or more; contents are left over. */
    byte[] symbols(int count) {
        if (symbols.length < count) {
            symbols = new byte[count];
        }
        return symbols;
    }

    /** Room for the symbols below that many values; contents are left over. */
    byte[] floors(int count) {
        if (floors.length < count) {
            floors = new byte[count];
        }
        return floors;
    }

    /** Room for what values are above these; contents are left over. */
    byte[] fractions(int count) {
        if (fractions.length < count) {
            fractions = new byte[count];
        }
        return fractions;
    }

    /** Only videos need it. */
    TemporalScratch temporal() {
        if (temporal == null) {
            temporal = new TemporalScratch();
        }
        return temporal;
    }
}
