package dev.cleave.edge;

import dev.cleave.bundle.Contract;
import dev.cleave.bundle.LadderPoint;
import dev.cleave.bundle.QualityLevel;
import dev.cleave.bundle.ReplyCodec;
import dev.cleave.codec.ActivationCodec;
import dev.cleave.codec.BoundaryReference;
import dev.cleave.codec.BoundaryTuning;
import dev.cleave.codec.CodecException;
import dev.cleave.codec.CodecParams;
import dev.cleave.codec.EncodedPicture;
import dev.cleave.codec.Entropy;
import dev.cleave.codec.StreamedBoundary;
import dev.cleave.edge.head.PictureRows;
import dev.cleave.picture.Picture;
import dev.cleave.picture.PictureCodec;
import dev.cleave.picture.PictureFormat;
import dev.cleave.tensor.Shape;
import dev.cleave.tensor.Tensor;
import dev.cleave.tensor.TensorSpec;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Encodes boundaries at every quality level, and decodes replies. Thread-safe. */
final class WireCodecs {
    /** All outputs of one reply together, decoded. */
    static final long MAX_OUTPUT_BYTES = 256L << 20;

    private record Key(int point, int level, Entropy entropy) {}

    private final Contract contract;
    private final String quality;
    private final PictureCodec pictureCodec;
    private final int jpegQuality;
    private final Map<Key, ActivationCodec> codecs = new ConcurrentHashMap<>();
    /** By point. */
    private final List<ReplyCodec> replies = new ArrayList<>();

    /**
     * @param quality name of a level that an agent keeps to, or null; points that have none of that name use their first
     * @param pictureCodec writes JPEG, or null: pictures travel as packed RGB
     * @param jpegQuality 1 to 100
     * @throws IllegalArgumentException if no point has such a level
     */
    WireCodecs(Contract contract, String quality, PictureCodec pictureCodec, int jpegQuality) {
        this.contract = contract;
        this.quality = quality;
        this.pictureCodec = pictureCodec;
        this.jpegQuality = jpegQuality;
        Set<String> names = new LinkedHashSet<>();
        for (LadderPoint point : contract.points()) {
            replies.add(new ReplyCodec(contract, point.index(), Entropy.NONE));
            point.levels().forEach(level -> names.add(level.name()));
        }
        if (quality != null && !quality.equals(QualityLevel.DEFAULT) && !names.contains(quality)) {
            throw new IllegalArgumentException(
                    "quality level \"" + quality + "\" does not exist at any split point; expected one of " + names);
        }
    }

    /**
     * The level that the agent keeps to at a point, or its first. Where that one wants pictures and there are none, tensors
     * travel raw all the same.
     */
    int level(int point) {
        return quality == null ? 0 : Math.max(0, contract.points().get(point).level(quality));
    }

    /** What is to be encoded: tensors, and pictures in place of one of them. */
    private record Crossing(Map<String, Tensor> tensors, Map<String, List<EncodedPicture>> pictures) {}

    /**
     * Encodes what crosses a point, so that it stands alone.
     *
     * @throws IOException if a picture cannot be encoded
     * @throws InferenceException if pictures do not fit the input
     */
    ByteBuffer encode(int point, int level, Entropy entropy, Activation activation)
            throws IOException, InferenceException {
        Crossing crossing = crossing(point, level, activation);
        return codec(point, level, entropy).encode(crossing.tensors(), crossing.pictures());
    }

    /** What is to be kept for a video of boundaries of this point, level and coder. */
    BoundaryTuning tuning(int point, int level, Entropy entropy, double addedError) {
        return codec(point, level, entropy).tuning(addedError);
    }

    /**
     * Encodes what crosses a point as a boundary of a video.
     *
     * @param against what the gateway holds of an earlier one; null: nothing
     * @param tuning of the video at this point, level and coder
     * @throws IOException if a picture cannot be encoded
     * @throws InferenceException if pictures do not fit the input
     */
    StreamedBoundary encode(
            int point,
            int level,
            Entropy entropy,
            Activation activation,
            BoundaryReference against,
            BoundaryTuning tuning)
            throws IOException, InferenceException {
        Crossing crossing = crossing(point, level, activation);
        return codec(point, level, entropy).encode(crossing.tensors(), crossing.pictures(), against, tuning);
    }

    private ActivationCodec codec(int point, int level, Entropy entropy) {
        LadderPoint at = contract.points().get(point);
        return codecs.computeIfAbsent(
                new Key(point, level, entropy),
                key -> ActivationCodec.of(
                        at.boundary(), at.levels().get(level).codecs(), entropy, contract.preprocessing(), null));
    }

    private Crossing crossing(int point, int level, Activation activation) throws IOException, InferenceException {
        PictureRows pictures = activation.pictures();
        if (pictures == null
                || !pictures.input().equals(imageTensor(contract.points().get(point), level))) {
            return new Crossing(activation.live(contract), Collections.emptyMap());
        }
        List<EncodedPicture> encoded = new ArrayList<>();
        for (Picture picture : pictures.pictures()) {
            encoded.add(encode(picture));
        }
        return new Crossing(activation.tensors(), Collections.singletonMap(pictures.input(), encoded));
    }

    private EncodedPicture encode(Picture picture) throws IOException {
        boolean jpeg = pictureCodec != null;
        byte[] bytes = jpeg ? pictureCodec.encode(PictureFormat.JPEG, picture, jpegQuality) : picture.rgb();
        PictureFormat format = jpeg ? PictureFormat.JPEG : PictureFormat.RGB8;
        return new EncodedPicture(format, picture.width(), picture.height(), ByteBuffer.wrap(bytes));
    }

    /** Name of the tensor that travels as pictures, or null. */
    private static String imageTensor(LadderPoint point, int level) {
        List<CodecParams> params = point.levels().get(level).codecs();
        for (int i = 0; i < params.size(); i++) {
            if (params.get(i) instanceof CodecParams.Image) {
                return point.boundary().get(i).spec().name();
            }
        }
        return null;
    }

    /**
     * Decodes a reply: the outputs made after the point, in the graph's order.
     *
     * @throws CodecException if it is malformed, or not of as many rows as were asked for
     */
    Map<String, Tensor> decode(int point, int rows, ByteBuffer payload) throws CodecException {
        ReplyCodec codec = replies.get(point);
        List<TensorSpec> late = codec.outputs();
        List<Shape> shapes = codec.shapes(payload);
        long bytes = 0;
        for (int i = 0; i < late.size(); i++) {
            bytes += requireRows(late.get(i), shapes.get(i), rows);
            if (bytes > MAX_OUTPUT_BYTES) {
                throw new CodecException("outputs of more than " + MAX_OUTPUT_BYTES + " bytes, at \""
                        + late.get(i).name() + "\"");
            }
        }
        Map<String, Tensor> outputs = new LinkedHashMap<>();
        for (int i = 0; i < late.size(); i++) {
            outputs.put(late.get(i).name(), Tensor.allocate(late.get(i).type(), shapes.get(i)));
        }
        codec.decode(payload, outputs);
        return outputs;
    }

    private static long requireRows(TensorSpec spec, Shape shape, int rows) throws CodecException {
        if (!spec.shape().withRows(rows).accepts(shape)) {
            throw new CodecException("output \"" + spec.name() + "\" has shape " + shape + "; expected "
                    + spec.shape().withRows(rows));
        }
        try {
            return Math.multiplyExact(shape.elements(), (long) spec.type().bytes());
        } catch (ArithmeticException e) {
            throw new CodecException("output \"" + spec.name() + "\" has shape " + shape + ", beyond all memory");
        }
    }
}
