package dev.cleave.codec;

import dev.cleave.codec.temporal.SymbolReference;
import dev.cleave.codec.temporal.TemporalTuning;
import dev.cleave.picture.PictureCodec;
import dev.cleave.picture.Preprocessing;
import dev.cleave.tensor.Tensor;
import dev.cleave.tensor.TensorSpec;
import java.util.List;

/**
 * The codecs of one boundary tensor: the one that the contract chose, to write with, and every one that its type and
 * parameters allow, to read with. The choice of the header is obeyed; parameters say only how.
 */
final class BoundaryTensorCodecs {
    private final TensorSpec spec;
    private final RawCodec raw;
    private final TensorCodec chosen;
    private final Fp16Codec fp16;
    /** Null where no head makes integers of it. */
    private final IntegerForm integers;

    BoundaryTensorCodecs(
            BoundaryTensor tensor, CodecParams params, Preprocessing preprocessing, PictureCodec pictures) {
        this.spec = tensor.spec();
        integers = tensor.quantized() == null ? null : new IntegerForm(spec, tensor.quantized());
        raw = new RawCodec(spec);
        fp16 = spec.type().isFloating() ? new Fp16Codec(spec) : null;
        if (params instanceof CodecParams.Image) {
            chosen = new ImageCodec(spec, preprocessing, pictures);
        } else if (params instanceof CodecParams.Fp16 && fp16 != null) {
            chosen = fp16;
        } else if (params instanceof CodecParams.Quant && fp16 != null) {
            chosen = new QuantCodec(spec, (CodecParams.Quant) params, integers);
        } else if (params instanceof CodecParams.TopK && fp16 != null) {
            chosen = new TopKCodec(spec, (CodecParams.TopK) params);
        } else {
            chosen = raw;
        }
    }

    TensorSpec spec() {
        return spec;
    }

    /** @throws IllegalArgumentException if the tensor does not fit the declaration */
    EncodedTensor encode(Tensor tensor, Entropy entropy) {
        return encodeFitting(fitting(tensor), entropy);
    }

    /** A tensor of a video, and what both sides then hold of it: null if it does not travel as symbols. */
    record Streamed(EncodedTensor encoded, BoundaryReference.Held held) {}

    /**
     * Encodes a tensor of a video.
     *
     * @param against what both sides hold of an earlier one; null: nothing
     * @throws IllegalArgumentException if the tensor does not fit the declaration
     */
    Streamed encode(Tensor tensor, Entropy entropy, SymbolReference against, TemporalTuning tuning) {
        Tensor fitting = fitting(tensor);
        QuantStream.Coded coded = null;
        if (chosen instanceof QuantCodec) {
            coded = ((QuantCodec) chosen).stream().encode(fitting, entropy, against, tuning);
        }
        if (coded == null) {
            return new Streamed(encodeFitting(fitting, entropy), null);
        }
        EncodedTensor encoded = new EncodedTensor(chosen.id(), chosen.version(), tensor.shape(), coded.body());
        return new Streamed(encoded, new BoundaryReference.Held(tensor.shape(), coded.reference()));
    }

    /**
     * Reads a tensor of a video as far as its symbols.
     *
     * @return what it would have been if it stood alone, and what both sides then hold of it
     */
    Streamed settle(EncodedTensor encoded, SymbolReference against) throws CodecException {
        TensorCodec codec = reader(encoded);
        if (!(codec instanceof QuantCodec)) {
            return new Streamed(encoded, null);
        }
        QuantStream stream = ((QuantCodec) codec).stream();
        SymbolReference symbols = stream.read(encoded.flags(), encoded.body().duplicate(), encoded.shape(), against);
        EncodedTensor standing = new EncodedTensor(
                encoded.codec(), encoded.version(), encoded.shape(), stream.standing(symbols.symbols()));
        return new Streamed(standing, new BoundaryReference.Held(encoded.shape(), symbols));
    }

    /** The tensor as the chosen codec takes it. */
    private Tensor fitting(Tensor tensor) {
        boolean isInteger = integers != null && tensor.type() == integers.type();
        String mismatch = (isInteger ? integers.spec() : spec).mismatch(tensor);
        if (mismatch != null) {
            throw new IllegalArgumentException(mismatch);
        }
        boolean asItIs = !isInteger || chosen instanceof QuantCodec && ((QuantCodec) chosen).takesIntegers();
        return asItIs ? tensor : integers.toFloats(tensor);
    }

    private EncodedTensor encodeFitting(Tensor tensor, Entropy entropy) {
        TensorCodec used = chosen;
        TensorCodec.Body body = chosen.encode(tensor, entropy);
        if (body == null) {
            used = raw;
            body = raw.encode(tensor, entropy);
        }
        return new EncodedTensor(used.id(), used.version(), tensor.shape(), body);
    }

    /** @throws IllegalArgumentException if the contract does not code this tensor as pictures, or they do not fit */
    EncodedTensor encode(List<EncodedPicture> pictures) {
        if (!(chosen instanceof ImageCodec)) {
            throw new IllegalArgumentException(
                    EncodedTensor.named(spec) + " was given as pictures, but is not coded as image");
        }
        return ((ImageCodec) chosen).encode(pictures);
    }

    /** The codec that a header names. */
    TensorCodec reader(EncodedTensor encoded) throws CodecException {
        TensorCodec codec = byId(encoded.codec());
        if (codec == null) {
            throw new CodecException(EncodedTensor.named(spec) + " is coded with codec " + encoded.codec()
                    + ", which this release or the contract does not know for "
                    + spec.type().jsonName());
        }
        if (codec.version() != encoded.version()) {
            throw new CodecException(EncodedTensor.named(spec) + " is coded with version " + encoded.version()
                    + " of codec " + encoded.codec() + "; expected " + codec.version());
        }
        return codec;
    }

    private TensorCodec byId(int id) {
        if (id == RawCodec.ID) {
            return raw;
        }
        if (id == Fp16Codec.ID) {
            return fp16;
        }
        return id == chosen.id() ? chosen : null;
    }
}
