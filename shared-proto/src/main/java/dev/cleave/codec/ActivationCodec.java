package dev.cleave.codec;

import dev.cleave.codec.temporal.SymbolReference;
import dev.cleave.picture.PictureCodec;
import dev.cleave.picture.Preprocessing;
import dev.cleave.tensor.Shape;
import dev.cleave.tensor.Tensor;
import dev.cleave.tensor.TensorSpec;
import java.nio.Buffer;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Encodes and decodes one boundary: all its tensors, in the contract's order, into one payload. Immutable, thread-safe.
 *
 * <p>docs/FORMATS.md, "Payload", draws the bytes. A payload is hostile until decoded: what it asks to allocate is
 * bounded by its own length ({@link EncodedTensor#expandsTooFar}), every byte of it must have a meaning, and
 * {@link CodecException} is all that malformed bytes cause.
 */
public final class ActivationCodec {
    private final List<BoundaryTensorCodecs> boundary = new ArrayList<>();
    private final Entropy entropy;

    private ActivationCodec(Entropy entropy) {
        this.entropy = entropy;
    }

    /** A boundary whose tensors have no integer form; see {@link #of}. */
    public ActivationCodec(
            List<TensorSpec> boundary,
            List<CodecParams> params,
            Entropy entropy,
            Preprocessing preprocessing,
            PictureCodec pictures) {
        this(entropy);
        List<BoundaryTensor> floats = new ArrayList<>(boundary.size());
        for (TensorSpec spec : boundary) {
            floats.add(new BoundaryTensor(spec, null));
        }
        add(floats, params, preprocessing, pictures);
    }

    /**
     * The codec of a boundary. Tensors that have an integer form are encoded from either; what is decoded is floats.
     *
     * @param boundary the tensors in the contract's order
     * @param params one per tensor; those of integers and bools are not used: these always travel raw
     * @param entropy the coder that this side writes; every coder known to this release is read
     * @param preprocessing of the pictures that an {@code image} tensor carries, or null if there are none
     * @param pictures decodes JPEG and PNG; may be null on a side that never decodes pictures
     * @throws IllegalArgumentException naming a tensor whose parameters do not fit it
     */
    public static ActivationCodec of(
            List<BoundaryTensor> boundary,
            List<CodecParams> params,
            Entropy entropy,
            Preprocessing preprocessing,
            PictureCodec pictures) {
        ActivationCodec codec = new ActivationCodec(entropy);
        codec.add(boundary, params, preprocessing, pictures);
        return codec;
    }

    private void add(
            List<BoundaryTensor> tensors,
            List<CodecParams> params,
            Preprocessing preprocessing,
            PictureCodec pictures) {
        if (tensors.size() != params.size()) {
            throw new IllegalArgumentException(
                    params.size() + " codec parameters for a boundary of " + tensors.size() + " tensors");
        }
        for (int i = 0; i < tensors.size(); i++) {
            boundary.add(new BoundaryTensorCodecs(tensors.get(i), params.get(i), preprocessing, pictures));
        }
    }

    /**
     * Encodes a boundary.
     *
     * @param tensors a tensor for every name of the boundary, those in {@code pictures} excepted
     * @param pictures for {@code image} tensors: one encoded picture (JPEG, PNG or packed RGB) per row, by tensor name
     * @return a new buffer, position 0
     * @throws IllegalArgumentException naming a tensor that is missing or does not fit
     */
    public ByteBuffer encode(Map<String, Tensor> tensors, Map<String, List<EncodedPicture>> pictures) {
        List<EncodedTensor> encoded = new ArrayList<>(boundary.size());
        for (BoundaryTensorCodecs codecs : boundary) {
            encoded.add(encode(codecs, tensors, pictures));
        }
        return payload(encoded);
    }

    /** Joins tensors that were encoded, after which they are gone. */
    private ByteBuffer payload(List<EncodedTensor> encoded) {
        long size = 0;
        for (int i = 0; i < encoded.size(); i++) {
            long tensor = encoded.get(i).size(boundary.get(i).spec());
            size += Varint.size((int) tensor) + tensor;
        }
        String unequalRows = unequalRows(encoded);
        if (unequalRows != null || size > EncodedTensor.MAX_TENSOR_BYTES) {
            throw new IllegalArgumentException(
                    unequalRows != null
                            ? unequalRows
                            : "boundary takes " + size + " bytes; expected at most " + EncodedTensor.MAX_TENSOR_BYTES);
        }
        ByteBuffer payload = ByteBuffer.allocate((int) size);
        for (int i = 0; i < encoded.size(); i++) {
            TensorSpec spec = boundary.get(i).spec();
            Varint.put(payload, (int) encoded.get(i).size(spec));
            encoded.get(i).write(payload, spec);
        }
        ((Buffer) payload).rewind();
        return payload;
    }

    /**
     * What is to be kept of a video's boundaries between one call of {@link #encode(Map, Map, BoundaryReference, BoundaryTuning)} and
     * the next.
     *
     * @param addedError see {@link dev.cleave.codec.temporal.TemporalTuning}
     */
    public BoundaryTuning tuning(double addedError) {
        return new BoundaryTuning(boundary.size(), addedError);
    }

    /**
     * Encodes a boundary of a video: each tensor as what has changed since an earlier boundary where that is shorter, else alone. With
     * nothing to code it against it is a <i>key frame</i>: the same bytes as {@link #encode(Map, Map)}.
     *
     * @param against what both sides hold of an earlier boundary; null: nothing
     * @throws IllegalArgumentException naming a tensor that is missing or does not fit
     */
    public StreamedBoundary encode(
            Map<String, Tensor> tensors,
            Map<String, List<EncodedPicture>> pictures,
            BoundaryReference against,
            BoundaryTuning tuning) {
        List<EncodedTensor> encoded = new ArrayList<>(boundary.size());
        List<BoundaryReference.Held> held = new ArrayList<>(boundary.size());
        for (int i = 0; i < boundary.size(); i++) {
            BoundaryTensorCodecs codecs = boundary.get(i);
            Tensor tensor = tensors.get(codecs.spec().name());
            if (tensor == null || pictures.containsKey(codecs.spec().name())) {
                encoded.add(encode(codecs, tensors, pictures));
                held.add(null);
            } else {
                SymbolReference symbols = against == null ? null : against.of(i, tensor.shape());
                BoundaryTensorCodecs.Streamed streamed = codecs.encode(tensor, entropy, symbols, tuning.of(i));
                encoded.add(streamed.encoded());
                held.add(streamed.held());
            }
        }
        return new StreamedBoundary(payload(encoded), new BoundaryReference(held));
    }

    /**
     * Reads a boundary of a video as far as its symbols, and makes a payload of it that stands alone: what is decoded later needs no
     * reference then. Leaves the buffer's position alone.
     *
     * @param payload that passed {@link #shapes}
     * @param against what the sender coded it against; null: nothing
     */
    public StreamedBoundary settle(ByteBuffer payload, BoundaryReference against) throws CodecException {
        List<EncodedTensor> standing = new ArrayList<>(boundary.size());
        List<BoundaryReference.Held> held = new ArrayList<>(boundary.size());
        List<EncodedTensor> encoded = read(payload);
        for (int i = 0; i < encoded.size(); i++) {
            EncodedTensor tensor = encoded.get(i);
            SymbolReference symbols = against == null ? null : against.of(i, tensor.shape());
            BoundaryTensorCodecs.Streamed settled = boundary.get(i).settle(tensor, symbols);
            standing.add(settled.encoded());
            held.add(settled.held());
        }
        return new StreamedBoundary(payload(standing), new BoundaryReference(held));
    }

    private EncodedTensor encode(
            BoundaryTensorCodecs codecs, Map<String, Tensor> tensors, Map<String, List<EncodedPicture>> pictures) {
        String name = codecs.spec().name();
        List<EncodedPicture> rows = pictures.get(name);
        if (rows != null) {
            return codecs.encode(rows);
        }
        Tensor tensor = tensors.get(name);
        if (tensor == null) {
            throw new IllegalArgumentException("boundary tensor \"" + name + "\" is missing; got " + tensors.keySet());
        }
        return codecs.encode(tensor, entropy);
    }

    /**
     * The shapes in a payload's headers, checked against the contract, without decoding: what decides which requests
     * may share a batch. Tensors of these shapes can be allocated: each is under 2 GiB and bounded by the payload's
     * length. Reads headers only and leaves the buffer's position alone.
     *
     * @return static shapes in the contract's order
     */
    public List<Shape> shapes(ByteBuffer payload) throws CodecException {
        List<Shape> shapes = new ArrayList<>(boundary.size());
        for (EncodedTensor tensor : read(payload)) {
            shapes.add(tensor.shape());
        }
        return shapes;
    }

    /**
     * Decodes a payload into tensors of exactly the shapes that {@link #shapes} told; rows of a batch, usually. Leaves
     * the buffer's position alone.
     *
     * @param into a tensor for every name of the boundary; contents are undefined after a {@code CodecException}
     * @throws IllegalArgumentException if {@code into} lacks a tensor, or has one of another type
     */
    public void decode(ByteBuffer payload, Map<String, Tensor> into) throws CodecException {
        List<EncodedTensor> encoded = read(payload);
        for (int i = 0; i < encoded.size(); i++) {
            BoundaryTensorCodecs codecs = boundary.get(i);
            EncodedTensor tensor = encoded.get(i);
            Tensor target = target(codecs.spec(), into);
            if (!target.shape().equals(tensor.shape())) {
                throw new CodecException(EncodedTensor.named(codecs.spec()) + " has shape " + tensor.shape()
                        + "; expected " + target.shape());
            }
            codecs.reader(tensor).decode(tensor.flags(), tensor.body().duplicate(), target);
        }
    }

    private static Tensor target(TensorSpec spec, Map<String, Tensor> into) {
        Tensor target = into.get(spec.name());
        if (target == null || target.type() != spec.type()) {
            throw new IllegalArgumentException("decoding " + spec + " into " + target);
        }
        return target;
    }

    /** All headers, checked. */
    private List<EncodedTensor> read(ByteBuffer payload) throws CodecException {
        ByteBuffer in = payload.duplicate();
        List<EncodedTensor> encoded = new ArrayList<>(boundary.size());
        for (BoundaryTensorCodecs codecs : boundary) {
            EncodedTensor tensor = EncodedTensor.next(in, codecs.spec());
            codecs.reader(tensor)
                    .check(tensor.shape(), tensor.flags(), tensor.body().duplicate());
            encoded.add(tensor);
        }
        if (in.hasRemaining()) {
            throw new CodecException("payload has " + in.remaining() + " bytes after its last tensor");
        }
        String unequalRows = unequalRows(encoded);
        if (unequalRows != null) {
            throw new CodecException(unequalRows);
        }
        return encoded;
    }

    /** One line if the batched tensors differ in rows, else null. */
    private String unequalRows(List<EncodedTensor> encoded) {
        int first = -1;
        for (int i = 0; i < encoded.size(); i++) {
            if (!boundary.get(i).spec().shape().isBatched()) {
                continue;
            }
            if (first < 0) {
                first = i;
            } else if (encoded.get(i).shape().dim(0)
                    != encoded.get(first).shape().dim(0)) {
                return EncodedTensor.named(boundary.get(i).spec()) + " has shape "
                        + encoded.get(i).shape() + "; expected as many rows as "
                        + EncodedTensor.named(boundary.get(first).spec()) + ", which has "
                        + encoded.get(first).shape();
            }
        }
        return null;
    }
}
