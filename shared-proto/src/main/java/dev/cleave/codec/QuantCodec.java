package dev.cleave.codec;

import dev.cleave.codec.context.ContextCoder;
import dev.cleave.codec.temporal.TemporalCoder;
import dev.cleave.tensor.Shape;
import dev.cleave.tensor.Tensor;
import dev.cleave.tensor.TensorSpec;
import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * Symbols of a {@link Quantizer}: coded by their contexts where the contract has a model of them and that is shorter than
 * packed, else packed, or as a Zstandard frame. A tensor with a value that is not finite is not carried.
 */
final class QuantCodec implements TensorCodec {
    static final int ID = 2;
    private static final int VERSION = 1;
    private static final int MAX_KEPT_ELEMENTS = 1 << 20;

    private final TensorSpec spec;
    private final int levels;
    private final int width;
    private final Quantizer quantizer;
    /** Null without integers, or where they go through floats. */
    private final LevelTables tables;
    /** Null without a model. */
    private final ContextCoder contexts;

    private final QuantStream stream;
    private final Spares<QuantScratch> spares = new Spares<>(QuantScratch::new);

    /**
     * @param integers the form in which the tensor may be given as well, or null
     * @throws IllegalArgumentException if the parameters do not fit the tensor
     */
    QuantCodec(TensorSpec spec, CodecParams.Quant params, IntegerForm integers) {
        this.spec = spec;
        this.levels = params.levels();
        this.width = Symbols.width(levels);
        this.quantizer = new Quantizer(spec, params);
        this.tables = integers == null ? null : LevelTables.of(integers, quantizer);
        this.contexts =
                params.context() == null ? null : new ContextCoder(params.context(), spec.shape(), params.levels());
        int channelAxis =
                params.context() == null ? params.axis() : params.context().axis();
        this.stream = new QuantStream(spec, this, quantizer, tables, channelAxis);
    }

    /** For tensors of a video. */
    QuantStream stream() {
        return stream;
    }

    Spares<QuantScratch> spares() {
        return spares;
    }

    @Override
    public int id() {
        return ID;
    }

    @Override
    public int version() {
        return VERSION;
    }

    /** Whether integers can be encoded as they are. */
    boolean takesIntegers() {
        return tables != null;
    }

    /** @param tensor of the declared type or, if {@link #takesIntegers}, of the integers' */
    @Override
    public Body encode(Tensor tensor, Entropy entropy) {
        QuantScratch scratch = spares.take();
        byte[] symbols = scratch.symbols(tensor.elements());
        boolean finite = true;
        if (tensor.type() == spec.type()) {
            finite = quantizer.quantize(tensor, symbols, scratch.block);
        } else {
            tables.quantize(tensor, symbols);
        }
        if (!finite) {
            giveBack(scratch, tensor.elements());
            return null;
        }
        Body body = body(tensor, symbols, entropy, scratch);
        if ((body.flags() & EncodedTensor.CONTEXT) == 0) {
            giveBack(scratch, tensor.elements());
        }
        return body;
    }

    /** The shortest body of symbols that stand alone; where it is coded by contexts, the scratch is given back with it. */
    Body body(Tensor tensor, byte[] symbols, Entropy entropy, QuantScratch scratch) {
        Body inContext = contexts == null ? null : inContext(tensor, symbols, scratch);
        return inContext != null ? inContext : plainOrZstd(tensor, symbols, entropy);
    }

    /** In the scratch, until it is released; null if packed symbols are as short, or if readers refuse a body that is so much shorter than its tensor. */
    private Body inContext(Tensor tensor, byte[] symbols, QuantScratch scratch) {
        int limit = (int) Symbols.packedBytes(tensor.elements(), width);
        int bytes = contexts.encode(symbols, tensor.shape(), limit, scratch.context);
        if (bytes < 0 || EncodedTensor.expandsTooFar(declaredBytes(tensor), bytes)) {
            return null;
        }
        int from = scratch.context.codedFrom();
        ByteBuffer coded = ByteBuffer.wrap(scratch.context.coded(), from, bytes);
        return new Body(EncodedTensor.CONTEXT, coded, () -> giveBack(scratch, tensor.elements()));
    }

    private Body plainOrZstd(Tensor tensor, byte[] symbols, Entropy entropy) {
        int count = tensor.elements();
        Body best = packed(symbols, count);
        if (entropy == Entropy.ZSTD) {
            best = smaller(best, EncodedTensor.ZSTD, best.bytes().array(), tensor);
            if (width < 8) {
                best = smaller(
                        best, EncodedTensor.ZSTD | EncodedTensor.BYTE_SYMBOLS, Arrays.copyOf(symbols, count), tensor);
            }
        }
        return best;
    }

    Body packed(byte[] symbols, int count) {
        return new Body(
                0, ByteBuffer.wrap(width == 8 ? Arrays.copyOf(symbols, count) : Symbols.pack(symbols, count, width)));
    }

    /** What the reader will make of it. */
    private int declaredBytes(Tensor tensor) {
        return tensor.elements() * spec.type().bytes();
    }

    private Body smaller(Body best, int flags, byte[] plain, Tensor tensor) {
        ByteBuffer frame = ZstdFrames.compress(plain, declaredBytes(tensor));
        return frame == null || frame.remaining() >= best.bytes().remaining() ? best : new Body(flags, frame);
    }

    @Override
    public void check(Shape shape, int flags, ByteBuffer body) throws CodecException {
        if ((flags & EncodedTensor.CONTEXT) != 0) {
            checkContext(shape, flags, body.remaining());
            return;
        }
        if ((flags & EncodedTensor.TEMPORAL) != 0) {
            checkTemporal(shape, flags, body.remaining());
            return;
        }
        boolean byteSymbols = (flags & EncodedTensor.BYTE_SYMBOLS) != 0;
        if (byteSymbols && (width == 8 || (flags & EncodedTensor.ZSTD) == 0)) {
            throw new CodecException(EncodedTensor.named(spec) + " has byte symbols with flags " + flags + " and "
                    + levels + " levels; expected them with zstd and at most 128 levels only");
        }
        PlainBodies.checkLength(spec, flags, body, Symbols.packedBytes(shape.elements(), byteSymbols ? 8 : width));
    }

    private void checkTemporal(Shape shape, int flags, int bytes) throws CodecException {
        if (flags != EncodedTensor.TEMPORAL) {
            throw new CodecException(EncodedTensor.named(spec) + " is coded against another with flags " + flags
                    + "; expected no other flag");
        }
        if (!stream.takes(shape)) {
            throw new CodecException(
                    EncodedTensor.named(spec) + shape + " is coded against another; expected planes of "
                            + TemporalCoder.MOST_PLACES + " places or fewer, their edges included");
        }
        if (!QuantStream.possibleLength(bytes, shape.elements())) {
            throw new CodecException(EncodedTensor.named(spec) + shape + " is coded against another in " + bytes
                    + " bytes; expected an odd number from 33 to 33 and four per element");
        }
    }

    private void checkContext(Shape shape, int flags, int bytes) throws CodecException {
        if (contexts == null || flags != EncodedTensor.CONTEXT) {
            throw new CodecException(EncodedTensor.named(spec) + " is coded by contexts with flags " + flags
                    + (contexts == null ? ", but the contract has no context model" : "; expected no other flag"));
        }
        if (!ContextCoder.possibleLength(bytes, shape.elements())) {
            throw new CodecException(EncodedTensor.named(spec) + shape + " is coded by contexts in " + bytes
                    + " bytes; expected an even number: four states of four bytes, and four per element at most");
        }
    }

    @Override
    public void decode(int flags, ByteBuffer body, Tensor into) throws CodecException {
        QuantScratch scratch = spares.take();
        try {
            byte[] symbols = scratch.symbols(into.elements());
            readSymbols(flags, body, into.shape(), symbols, scratch);
            quantizer.dequantize(symbols, into, scratch.block);
        } finally {
            giveBack(scratch, into.elements());
        }
    }

    /** Reads symbols that stand alone. */
    void readSymbols(int flags, ByteBuffer body, Shape shape, byte[] symbols, QuantScratch scratch)
            throws CodecException {
        if ((flags & EncodedTensor.TEMPORAL) != 0) {
            throw new CodecException(EncodedTensor.named(spec) + " is coded against another, and there is none");
        }
        if ((flags & EncodedTensor.CONTEXT) != 0) {
            String fault = contexts.decode(body, shape, symbols, scratch.context);
            if (fault != null) {
                throw new CodecException(EncodedTensor.named(spec) + " is coded by contexts in " + fault);
            }
        } else {
            unpack(flags, body, symbols, (int) shape.elements());
        }
    }

    /**
     * Unless a single tensor, an odd one or a hostile one, has blown it up: all that is in it grows with the elements.
     *
     * @param elements of the tensor that it was used for
     */
    void giveBack(QuantScratch scratch, int elements) {
        if (elements <= MAX_KEPT_ELEMENTS) {
            spares.give(scratch);
        }
    }

    private void unpack(int flags, ByteBuffer body, byte[] symbols, int count) throws CodecException {
        int stored = (flags & EncodedTensor.BYTE_SYMBOLS) != 0 ? 8 : width;
        int bytes = (int) Symbols.packedBytes(count, stored);
        ByteBuffer plain = PlainBodies.open(spec, flags, body, bytes);
        if (stored == 8) {
            plain.get(symbols, 0, count);
        } else {
            byte[] packed = new byte[bytes];
            plain.get(packed);
            if (!Symbols.unpack(packed, stored, symbols, count)) {
                throw new CodecException(EncodedTensor.named(spec) + " has bits set after its last symbol");
            }
        }
        checkSymbols(symbols, count);
    }

    private void checkSymbols(byte[] symbols, int count) throws CodecException {
        int highest = 0;
        for (int i = 0; i < count; i++) {
            highest = Math.max(highest, symbols[i] & 0xff);
        }
        if (highest >= levels) {
            throw new CodecException(
                    EncodedTensor.named(spec) + " holds symbol " + highest + "; expected 0 to " + (levels - 1));
        }
    }
}
