package dev.cleave.codec.context;

import dev.cleave.tensor.Shape;
import java.nio.ByteBuffer;

/**
 * Codes symbols as a {@link ContextModel} says. Immutable, thread-safe; what changes is in the {@link ContextScratch} that
 * each call is given.
 *
 * <p>Coded bytes are the decoder's four initial states (unsigned, 32 bits, little-endian) and 16-bit words. Planes are
 * decoded in groups of four: first symbols of all four, then second symbols ..; plane 4g + l with state l. Planes left over
 * at the end come one after another, the l-th with state l. Such lanes do not wait for each other, which is what a decoder's
 * speed depends on: a symbol is known only when its left neighbour is.
 */
public final class ContextCoder {
    private final ContextModel model;
    private final int levels;
    private final Predictor predictor;
    private final ContextEncoder encoder;
    private final ContextDecoder decoder;

    /**
     * @param levels number of symbols
     * @throws IllegalArgumentException if the model is not made for such a tensor
     */
    public ContextCoder(ContextModel model, Shape declared, int levels) {
        String misfit = model.misfit(declared, levels);
        if (misfit != null) {
            throw new IllegalArgumentException(misfit);
        }
        this.model = model;
        this.levels = levels;
        predictor = new Predictor(model);
        encoder = new ContextEncoder(model, predictor);
        decoder = new ContextDecoder(model, predictor, levels);
    }

    /**
     * Codes a tensor's symbols.
     *
     * @param symbols in memory order, {@code shape.elements()} of them
     * @param limit bytes
     * @return number of bytes, which then lie in {@code scratch.coded()}; -1 if they would reach the limit
     */
    public int encode(byte[] symbols, Shape shape, int limit, ContextScratch scratch) {
        Planes planes = new Planes(shape, model.axis());
        byte[] planar = symbols;
        if (!planes.inOrder()) {
            scratch.roomForPlanar((int) shape.elements());
            planar = scratch.planar;
            planes.gather(symbols, planar);
        }
        return encoder.encode(planar, planes, limit, scratch);
    }

    /**
     * Decodes a tensor's symbols.
     *
     * @param coded position to limit; its position is moved
     * @param symbols takes {@code shape.elements()} symbols, in memory order
     * @return null, or why no encoder can have written this; {@code symbols} are then undefined
     */
    public String decode(ByteBuffer coded, Shape shape, byte[] symbols, ContextScratch scratch) {
        Planes planes = new Planes(shape, model.axis());
        byte[] planar = symbols;
        if (!planes.inOrder()) {
            scratch.roomForPlanar((int) shape.elements());
            planar = scratch.planar;
        }
        String fault = decoder.decode(coded, planes, planar, scratch);
        if (fault == null && planar != symbols) {
            planes.scatter(planar, symbols);
        }
        return fault;
    }

    /** Whether coded bytes of this number can be a tensor of so many elements. */
    public static boolean possibleLength(int bytes, long elements) {
        return CodedWords.possibleLength(bytes, elements);
    }
}
