package dev.cleave.codec;

import dev.cleave.codec.temporal.SymbolReference;
import dev.cleave.tensor.Shape;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * The quantised symbols of one boundary, as the side that sent it and the side that got it both hold them, so that a later boundary
 * can be coded against them. Immutable.
 */
public final class BoundaryReference {
    /** A tensor's part. */
    record Held(Shape shape, SymbolReference symbols) {}

    /** In the contract's order; null for tensors that did not travel as symbols. */
    private final List<Held> tensors;

    BoundaryReference(List<Held> tensors) {
        this.tensors = Collections.unmodifiableList(new ArrayList<>(tensors));
    }

    /** What is held of a tensor of this shape, or null. */
    SymbolReference of(int tensor, Shape shape) {
        Held held = tensors.get(tensor);
        return held == null || !held.shape().equals(shape) ? null : held.symbols();
    }

    /** Whether there is nothing in it to code anything against. */
    public boolean isEmpty() {
        return bytes() == 0;
    }

    /** Memory that it keeps, what it was itself coded against included. */
    public long bytes() {
        long bytes = 0;
        for (Held held : tensors) {
            if (held != null) {
                SymbolReference symbols = held.symbols();
                boolean alone = symbols.before() == symbols.symbols();
                bytes += (alone ? 1L : 2L) * symbols.symbols().length;
            }
        }
        return bytes;
    }
}
