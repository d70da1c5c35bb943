package dev.cleave.codec.temporal;

import java.util.Objects;

/**
 * A tensor's symbols that both sides hold, so that a later tensor can be coded as what has changed since. Nobody writes to the
 * arrays any more.
 *
 * @param symbols in memory order
 * @param before those that it was itself coded against; the same array if it stands alone
 */
public record SymbolReference(byte[] symbols, byte[] before) {
    public SymbolReference {
        Objects.requireNonNull(symbols, "symbols");
        Objects.requireNonNull(before, "before");
        if (symbols.length != before.length) {
            throw new IllegalArgumentException(
                    symbols.length + " symbols after " + before.length + "; expected the same number");
        }
    }

    /** Of a tensor that was coded without a reference. */
    public static SymbolReference alone(byte[] symbols) {
        return new SymbolReference(symbols, symbols);
    }

    /** Of a tensor that was coded against this one; what was before this one is not kept. */
    public SymbolReference next(byte[] later) {
        return new SymbolReference(later, symbols);
    }
}
