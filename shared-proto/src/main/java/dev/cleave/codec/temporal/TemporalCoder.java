package dev.cleave.codec.temporal;

import dev.cleave.codec.context.CodedWords;
import dev.cleave.codec.context.Planes;
import dev.cleave.tensor.Shape;
import java.nio.ByteBuffer;

/**
 * Codes symbols of a tensor as what has changed since a {@link SymbolReference} of the same shape. Immutable, thread-safe;
 * what changes is in the {@link TemporalScratch} and the {@link TemporalTuning} that calls are given. A decoder needs the
 * reference and the bytes, and nothing else that earlier tensors left.
 *
 * <p>A symbol is predicted from the reference's and from what its neighbours have changed ({@link Expectation}), and lies the
 * less far from that, the less has changed around it: that chooses one of the {@link ResidualTables}. Coded bytes are the
 * {@link FrameModel}, then {@link CodedWords}, in the order of {@link dev.cleave.codec.context.ContextCoder}: planes in groups
 * of four, symbol by symbol in turn; those left over one after another.
 */
public final class TemporalCoder {
    /** What a coded tensor has before its words. */
    public static final int HEADER_BYTES = FrameModel.BYTES;
    /** Of a plane, its edges included, at most: what a coder needs beside symbols is some 90 bytes for each. */
    public static final int MOST_PLACES = 1 << 18;

    private final int channelAxis;
    private final TemporalEncoder encoder;
    private final TemporalDecoder decoder;

    /**
     * @param channelAxis of the tensors; -1: they are one channel
     * @param levels number of symbols
     */
    public TemporalCoder(int channelAxis, int levels) {
        this.channelAxis = channelAxis;
        encoder = new TemporalEncoder(levels);
        decoder = new TemporalDecoder(levels);
    }

    /** Whether tensors of this shape are coded here: not those with planes that are very large. */
    public boolean takes(Shape shape) {
        Planes planes = new Planes(shape, channelAxis);
        return (planes.width() + 2L) * (planes.height() + 2L) <= MOST_PLACES;
    }

    /**
     * Chooses a tensor's symbols and codes them.
     *
     * @param floors of the values in symbols, in memory order
     * @param fractions 256ths by which values lie above {@code floors}; 0 for the largest symbol
     * @param shape that {@link #takes} allows
     * @param reference of the same shape
     * @param limit bytes
     * @param symbols takes what was chosen, in memory order: each one of the two next to its value
     * @return number of bytes, which then lie in {@code scratch.coded()}; -1 if they would reach the limit
     */
    public int encode(
            byte[] floors,
            byte[] fractions,
            Shape shape,
            SymbolReference reference,
            int limit,
            byte[] symbols,
            TemporalTuning tuning,
            TemporalScratch scratch) {
        Planes planes = new Planes(shape, channelAxis);
        byte[] planar = scratch.planar(planes, symbols, 4);
        int bytes = encoder.encode(
                planes,
                scratch.gathered(planes, floors, 2),
                scratch.gathered(planes, fractions, 3),
                scratch.gathered(planes, reference.symbols(), 0),
                scratch.gathered(planes, reference.before(), 1),
                limit,
                planar,
                tuning,
                scratch);
        if (planar != symbols) {
            planes.scatter(planar, symbols);
        }
        return bytes;
    }

    /**
     * Decodes a tensor's symbols.
     *
     * @param coded position to limit; its position is moved
     * @param reference of the same shape
     * @param symbols takes {@code shape.elements()} symbols, in memory order
     * @return null, or why no encoder can have written this; {@code symbols} are then undefined
     */
    public String decode(
            ByteBuffer coded, Shape shape, SymbolReference reference, byte[] symbols, TemporalScratch scratch) {
        String fault = scratch.model.read(coded);
        if (fault == null) {
            fault = scratch.words.open(coded);
        }
        if (fault == null) {
            Planes planes = new Planes(shape, channelAxis);
            byte[] planar = scratch.planar(planes, symbols, 4);
            fault = decoder.decode(
                    planes,
                    scratch.gathered(planes, reference.symbols(), 0),
                    scratch.gathered(planes, reference.before(), 1),
                    planar,
                    scratch);
            if (planar != symbols) {
                planes.scatter(planar, symbols);
            }
        }
        return fault;
    }
}
