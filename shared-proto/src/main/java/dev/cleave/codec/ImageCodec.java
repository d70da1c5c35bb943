package dev.cleave.codec;

import dev.cleave.picture.Picture;
import dev.cleave.picture.PictureCodec;
import dev.cleave.picture.PictureFormat;
import dev.cleave.picture.Preprocessing;
import dev.cleave.tensor.ElementType;
import dev.cleave.tensor.Shape;
import dev.cleave.tensor.Tensor;
import dev.cleave.tensor.TensorSpec;
import java.io.IOException;
import java.nio.Buffer;
import java.nio.ByteBuffer;
import java.util.List;

/**
 * One picture per row, after the geometric part of preprocessing; the receiver decodes it and normalises it into the
 * row. Each row's bytes:
 *
 * <pre>
 * +-----------+--------------+---------------+---------------+---------
 * | u8 format | varint width | varint height | varint length | data ...
 * +-----------+--------------+---------------+---------------+---------
 * </pre>
 *
 * All pictures of a tensor have one size. Carries pictures only: a tensor given in their place travels raw.
 */
final class ImageCodec implements TensorCodec {
    static final int ID = 3;
    private static final int VERSION = 1;

    private final TensorSpec spec;
    private final Preprocessing preprocessing;
    private final PictureCodec pictures;

    /** @throws IllegalArgumentException if the preprocessing does not feed this tensor, or cannot make its type or rank */
    ImageCodec(TensorSpec spec, Preprocessing preprocessing, PictureCodec pictures) {
        if (preprocessing == null || !spec.name().equals(preprocessing.input())) {
            throw new IllegalArgumentException(
                    EncodedTensor.named(spec) + " is coded as image, but preprocessing feeds "
                            + (preprocessing == null ? "nothing" : "\"" + preprocessing.input() + "\""));
        }
        ElementType type = spec.type();
        if (type != ElementType.FLOAT32 && type != ElementType.FLOAT16 && type != ElementType.UINT8) {
            throw new IllegalArgumentException(EncodedTensor.named(spec) + " is " + type.jsonName()
                    + " and coded as image; expected float32, float16 or uint8");
        }
        if (spec.shape().rank() != 4) {
            throw new IllegalArgumentException(EncodedTensor.named(spec) + " has shape " + spec.shape()
                    + " and is coded as image; expected four dimensions");
        }
        this.spec = spec;
        this.preprocessing = preprocessing;
        this.pictures = pictures;
    }

    @Override
    public int id() {
        return ID;
    }

    @Override
    public int version() {
        return VERSION;
    }

    @Override
    public Body encode(Tensor tensor, Entropy entropy) {
        return null;
    }

    /** @throws IllegalArgumentException if there is no picture, or one does not fit the declaration or the others */
    EncodedTensor encode(List<EncodedPicture> rows) {
        if (rows.isEmpty()) {
            throw new IllegalArgumentException(EncodedTensor.named(spec) + " has no picture; expected one per row");
        }
        EncodedPicture first = rows.get(0);
        Shape shape = rowShape(first.width(), first.height()).withDim(0, rows.size());
        if (!spec.shape().accepts(shape)) {
            throw new IllegalArgumentException(EncodedTensor.named(spec) + " would have shape " + shape + " from "
                    + rows.size() + " pictures of " + first.width() + "x" + first.height() + " pixels; expected "
                    + spec.shape());
        }
        long size = 0;
        for (EncodedPicture row : rows) {
            requireValid(row, first);
            size += rowBytes(row);
        }
        if (size > EncodedTensor.MAX_TENSOR_BYTES) {
            throw new IllegalArgumentException(EncodedTensor.named(spec) + " has " + size + " bytes of pictures; "
                    + "expected at most " + EncodedTensor.MAX_TENSOR_BYTES);
        }
        ByteBuffer body = ByteBuffer.allocate((int) size);
        for (EncodedPicture row : rows) {
            body.put((byte) row.format().wireCode());
            Varint.put(body, row.width());
            Varint.put(body, row.height());
            Varint.put(body, row.data().remaining());
            body.put(row.data().duplicate());
        }
        ((Buffer) body).rewind();
        return new EncodedTensor(ID, VERSION, shape, new TensorCodec.Body(0, body));
    }

    private void requireValid(EncodedPicture row, EncodedPicture first) {
        if (row.width() != first.width() || row.height() != first.height()) {
            throw new IllegalArgumentException(EncodedTensor.named(spec) + " has pictures of " + first.width() + "x"
                    + first.height() + " and " + row.width() + "x" + row.height() + " pixels; expected one size");
        }
        long packed = (long) row.width() * row.height() * 3;
        int length = row.data().remaining();
        if (row.format() == PictureFormat.RGB8 ? length != packed : length == 0) {
            throw new IllegalArgumentException(EncodedTensor.named(spec) + " has a picture " + row.format() + " of "
                    + length + " bytes" + (length == 0 ? "" : "; expected " + packed));
        }
    }

    private static long rowBytes(EncodedPicture row) {
        int length = row.data().remaining();
        return 1L + Varint.size(row.width()) + Varint.size(row.height()) + Varint.size(length) + length;
    }

    private Shape rowShape(int width, int height) {
        return preprocessing.shapeOf(width, height);
    }

    @Override
    public void check(Shape shape, int flags, ByteBuffer body) throws CodecException {
        if (flags != 0) {
            throw new CodecException(
                    EncodedTensor.named(spec) + " holds pictures with flags " + flags + "; expected none");
        }
        for (long row = 0; row < shape.dim(0); row++) {
            next(shape, body);
        }
        if (body.hasRemaining()) {
            throw new CodecException(
                    EncodedTensor.named(spec) + " has " + body.remaining() + " bytes after its last picture");
        }
    }

    /** Reads one row's prefix and checks it against the tensor's shape; moves {@code body} past the row. */
    private EncodedPicture next(Shape shape, ByteBuffer body) throws CodecException {
        if (!body.hasRemaining()) {
            throw new CodecException(EncodedTensor.named(spec) + shape + " has fewer pictures than rows");
        }
        int code = body.get() & 0xff;
        PictureFormat format = PictureFormat.fromWireCode(code);
        int width = Varint.get(body, spec, "picture width");
        int height = Varint.get(body, spec, "picture height");
        int length = Varint.get(body, spec, "picture length");
        long packed = (long) width * height * 3;
        if (format == null || length > body.remaining() || format == PictureFormat.RGB8 && length != packed) {
            throw new CodecException(EncodedTensor.named(spec) + " has a picture of format " + code + ", " + width + "x"
                    + height + " pixels and " + length + " bytes, with " + body.remaining() + " bytes left");
        }
        if (width == 0
                || height == 0
                || packed > EncodedTensor.MAX_TENSOR_BYTES
                || !rowShape(width, height).equals(shape.withDim(0, 1))) {
            throw new CodecException(EncodedTensor.named(spec) + " has a picture of " + width + "x" + height
                    + " pixels; expected one that makes a row of " + shape);
        }
        return new EncodedPicture(format, width, height, EncodedTensor.slice(body, length));
    }

    @Override
    public void decode(int flags, ByteBuffer body, Tensor into) throws CodecException {
        for (int row = 0; row < into.shape().dim(0); row++) {
            preprocessing.normalize(decode(next(into.shape(), body)), into.rows(row, 1));
        }
    }

    private Picture decode(EncodedPicture encoded) throws CodecException {
        if (encoded.format() == PictureFormat.RGB8) {
            byte[] rgb = new byte[encoded.data().remaining()];
            encoded.data().get(rgb);
            return new Picture(encoded.width(), encoded.height(), rgb);
        }
        if (pictures == null) {
            throw new CodecException(EncodedTensor.named(spec) + " holds a " + encoded.format()
                    + ", and this side has no picture codec; expected RGB8");
        }
        Picture picture;
        try {
            picture = pictures.decode(encoded.format(), encoded.data(), (long) encoded.width() * encoded.height());
        } catch (IOException | RuntimeException malformed) {
            // Whatever a platform's decoder throws, it was the bytes.
            throw new CodecException(EncodedTensor.named(spec) + " holds a " + encoded.format()
                    + " that does not decode: " + malformed.getMessage());
        }
        if (picture.width() != encoded.width() || picture.height() != encoded.height()) {
            throw new CodecException(
                    EncodedTensor.named(spec) + " holds a " + encoded.format() + " of " + picture.width() + "x"
                            + picture.height() + " pixels; expected " + encoded.width() + "x" + encoded.height());
        }
        return picture;
    }
}
