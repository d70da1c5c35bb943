package dev.cleave.codec.temporal;

import dev.cleave.codec.context.CodedWords;
import dev.cleave.codec.context.Planes;
import java.util.Arrays;

/**
 * What coding one tensor needs beside the result. Belongs to whoever codes, one thread at a time; grows to the largest tensor
 * it has seen, so that the next one allocates nothing.
 */
public final class TemporalScratch {
    final Expectation[] lanes = new Expectation[CodedWords.LANES];
    final Motion motion = new Motion();
    final CodedWords words = new CodedWords();
    final FrameModel model = new FrameModel();
    final byte[] header = new byte[FrameModel.BYTES];
    /** Tensors plane by plane, where memory is not. */
    private final byte[][] planar = {{}, {}, {}, {}, {}};
    /** For the encoder, of each symbol: its context, and {@link ResidualCosts#index} of its residual. */
    byte[] contexts = {};

    byte[] residuals = {};
    /** By context, then residual. */
    final int[] counts = new int[FrameModel.CLASSES * ResidualTables.POSITIONS * ResidualCosts.STRIDE];

    /** See {@link SymbolChoice}. */
    final short[] bounds = SymbolChoice.roomForBounds();

    public TemporalScratch() {
        Arrays.setAll(lanes, lane -> new Expectation());
    }

    /**
     * Room for a tensor plane by plane: memory itself where it is so.
     *
     * @param which of a few
     */
    byte[] planar(Planes planes, byte[] memory, int which) {
        int elements = planes.count() * planes.area();
        if (planes.inOrder()) {
            return memory;
        }
        if (planar[which].length < elements) {
            planar[which] = new byte[elements];
        }
        return planar[which];
    }

    /** A tensor plane by plane. */
    byte[] gathered(Planes planes, byte[] memory, int which) {
        byte[] gathered = planar(planes, memory, which);
        if (gathered != memory) {
            planes.gather(memory, gathered);
        }
        return gathered;
    }

    void roomForContexts(int elements) {
        if (contexts.length < elements) {
            contexts = new byte[elements];
            residuals = new byte[elements];
        }
    }

    /** Bytes that {@link TemporalCoder#encode} left here: from {@link #codedFrom} on. */
    public byte[] coded() {
        return words.coded();
    }

    /** Where they begin. */
    public int codedFrom() {
        return words.from();
    }
}
