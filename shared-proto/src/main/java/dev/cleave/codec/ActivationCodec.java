package dev.cleave.codec;

import dev.cleave.picture.PictureCodec;
import dev.cleave.picture.Preprocessing;
import dev.cleave.tensor.Shape;
import dev.cleave.tensor.Tensor;
import dev.cleave.tensor.TensorSpec;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;

/**
 * Encodes and decodes one boundary: all its tensors, in the contract's order, into one payload. Thread-safe.
 *
 * <p>docs/FORMATS.md, "Payload", draws the bytes.
 */
public final class ActivationCodec {

    /**
     * @param boundary the tensors in the contract's order
     * @param params one per tensor
     * @param entropy the coder that this side writes; every coder known to this release is read
     * @param preprocessing of the pictures that an {@code image} tensor carries, or null if there are none
     * @param pictures decodes JPEG and PNG; may be null on a side that never decodes pictures
     */
    public ActivationCodec(
            List<TensorSpec> boundary,
            List<CodecParams> params,
            Entropy entropy,
            Preprocessing preprocessing,
            PictureCodec pictures) {
        throw new UnsupportedOperationException();
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
        throw new UnsupportedOperationException();
    }

    /**
     * The shapes in a payload's headers, checked against the contract, without decoding: what decides which requests
     * may share a batch. Reads a bounded number of bytes and leaves the buffer's position alone.
     *
     * @return static shapes in the contract's order
     */
    public List<Shape> shapes(ByteBuffer payload) throws CodecException {
        throw new UnsupportedOperationException();
    }

    /**
     * Decodes a payload into tensors of exactly the shapes that {@link #shapes} told; rows of a batch, usually.
     *
     * @param into a tensor for every name of the boundary; contents are undefined after a {@code CodecException}
     */
    public void decode(ByteBuffer payload, Map<String, Tensor> into) throws CodecException {
        throw new UnsupportedOperationException();
    }
}
