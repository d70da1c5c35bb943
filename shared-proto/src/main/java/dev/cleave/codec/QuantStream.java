package dev.cleave.codec;

import dev.cleave.codec.context.CodedWords;
import dev.cleave.codec.temporal.SymbolReference;
import dev.cleave.codec.temporal.TemporalCoder;
import dev.cleave.codec.temporal.TemporalScratch;
import dev.cleave.codec.temporal.TemporalTuning;
import dev.cleave.tensor.Shape;
import dev.cleave.tensor.Tensor;
import dev.cleave.tensor.TensorSpec;
import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * What {@link QuantCodec} does beside in a video: codes a tensor against an earlier one where that is shorter than alone, and reads
 * tensors as far as their symbols. Immutable, thread-safe.
 */
final class QuantStream {
    private final TensorSpec spec;
    private final QuantCodec codec;
    private final Quantizer quantizer;
    /** Null where integers go through floats. */
    private final LevelTables tables;

    private final TemporalCoder coder;

    /** @param channelAxis -1: none is known */
    QuantStream(TensorSpec spec, QuantCodec codec, Quantizer quantizer, LevelTables tables, int channelAxis) {
        this.spec = spec;
        this.codec = codec;
        this.quantizer = quantizer;
        this.tables = tables;
        this.coder = new TemporalCoder(channelAxis, quantizer.levels());
    }

    /** A coded tensor, and what both sides then hold of it. */
    record Coded(TensorCodec.Body body, SymbolReference reference) {}

    /**
     * Codes a tensor.
     *
     * @param tensor of the declared type or, if the codec takes them, of the integers'
     * @param against of the same shape; null: alone
     * @return null if a value is not finite
     */
    Coded encode(Tensor tensor, Entropy entropy, SymbolReference against, TemporalTuning tuning) {
        int elements = tensor.elements();
        QuantScratch scratch = codec.spares().take();
        byte[] floors = scratch.floors(elements);
        byte[] fractions = scratch.fractions(elements);
        boolean finite = true;
        if (tensor.type() == spec.type()) {
            finite = quantizer.quantize(tensor, floors, fractions, scratch.block);
        } else {
            tables.quantize(tensor, floors, fractions);
        }
        if (!finite) {
            codec.giveBack(scratch, elements);
            return null;
        }
        byte[] nearest = scratch.symbols(elements);
        for (int i = 0; i < elements; i++) {
            nearest[i] = (byte) (floors[i] + ((fractions[i] & 0xff) >> 7));
        }
        TensorCodec.Body alone = codec.body(tensor, nearest, entropy, scratch);
        Coded changes =
                against == null || !takes(tensor.shape()) ? null : changes(tensor, alone, against, tuning, scratch);
        if (changes != null) {
            return changes;
        }
        SymbolReference reference = SymbolReference.alone(Arrays.copyOf(nearest, elements));
        if ((alone.flags() & EncodedTensor.CONTEXT) == 0) {
            codec.giveBack(scratch, elements);
        }
        return new Coded(alone, reference);
    }

    /** Null if it is not shorter. */
    private Coded changes(
            Tensor tensor,
            TensorCodec.Body alone,
            SymbolReference against,
            TemporalTuning tuning,
            QuantScratch scratch) {
        int elements = tensor.elements();
        byte[] chosen = new byte[elements];
        TemporalScratch temporal = scratch.temporal();
        int limit = alone.bytes().remaining();
        int bytes = coder.encode(
                scratch.floors(elements),
                scratch.fractions(elements),
                tensor.shape(),
                against,
                limit,
                chosen,
                tuning,
                temporal);
        if (bytes < 0
                || EncodedTensor.expandsTooFar((long) elements * spec.type().bytes(), bytes)) {
            return null;
        }
        ByteBuffer coded = ByteBuffer.wrap(temporal.coded(), temporal.codedFrom(), bytes);
        return new Coded(
                new TensorCodec.Body(EncodedTensor.TEMPORAL, coded, () -> codec.giveBack(scratch, elements)),
                against.next(chosen));
    }

    /** Whether tensors of this shape are coded against others at all. */
    boolean takes(Shape shape) {
        return coder.takes(shape);
    }

    /** Whether so many bytes can be a tensor of so many elements, whatever it holds. */
    static boolean possibleLength(int bytes, long elements) {
        return bytes > TemporalCoder.HEADER_BYTES
                && CodedWords.possibleLength(bytes - TemporalCoder.HEADER_BYTES, elements);
    }

    /**
     * Reads a body that passed {@link QuantCodec#check} as far as its symbols.
     *
     * @param against null if nothing is held of a tensor of this shape
     */
    SymbolReference read(int flags, ByteBuffer body, Shape shape, SymbolReference against) throws CodecException {
        byte[] symbols = new byte[(int) shape.elements()];
        QuantScratch scratch = codec.spares().take();
        try {
            if ((flags & EncodedTensor.TEMPORAL) == 0) {
                codec.readSymbols(flags, body, shape, symbols, scratch);
                return SymbolReference.alone(symbols);
            }
            if (against == null) {
                throw new CodecException(
                        EncodedTensor.named(spec) + shape + " is coded against another, of which nothing is held");
            }
            String fault = coder.decode(body, shape, against, symbols, scratch.temporal());
            if (fault != null) {
                throw new CodecException(EncodedTensor.named(spec) + " is coded against another in " + fault);
            }
            return against.next(symbols);
        } finally {
            codec.giveBack(scratch, symbols.length);
        }
    }

    /** The body of symbols that stand alone, in the form that is read fastest. */
    TensorCodec.Body standing(byte[] symbols) {
        return codec.packed(symbols, symbols.length);
    }
}
