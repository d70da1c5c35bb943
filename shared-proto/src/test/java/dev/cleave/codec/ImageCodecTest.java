package dev.cleave.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.cleave.picture.Picture;
import dev.cleave.picture.PictureCodec;
import dev.cleave.picture.PictureFormat;
import dev.cleave.picture.Preprocessing;
import dev.cleave.tensor.ElementType;
import dev.cleave.tensor.Shape;
import dev.cleave.tensor.Tensor;
import dev.cleave.tensor.TensorSpec;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ImageCodecTest extends TensorCodecContractTest {
    private static final int WIDTH = 6;
    private static final int HEIGHT = 4;
    private static final TensorSpec SPEC =
            new TensorSpec("x", ElementType.FLOAT32, Shape.of(Shape.BATCH, 3, HEIGHT, WIDTH));
    private static final Preprocessing PREPROCESSING =
            Preprocessing.named("unit").withInput("x");
    private static final PictureCodec PICTURES = new FakePictureCodec();

    @Override
    ImageCodec codec() {
        return new ImageCodec(SPEC, PREPROCESSING, PICTURES);
    }

    private static Picture picture(int seed) {
        byte[] rgb = new byte[WIDTH * HEIGHT * 3];
        new Random(seed).nextBytes(rgb);
        return new Picture(WIDTH, HEIGHT, rgb);
    }

    /** A packed, a "JPEG" and a "PNG" row. */
    static List<EncodedPicture> rows() throws Exception {
        List<EncodedPicture> rows = new ArrayList<>();
        for (PictureFormat format : PictureFormat.values()) {
            Picture picture = picture(format.ordinal());
            byte[] data = format == PictureFormat.RGB8 ? picture.rgb() : PICTURES.encode(format, picture, 90);
            rows.add(new EncodedPicture(format, WIDTH, HEIGHT, ByteBuffer.wrap(data)));
        }
        return rows;
    }

    @Override
    Tensor sample() {
        Tensor rows = Tensor.allocate(ElementType.FLOAT32, Shape.of(3, 3, HEIGHT, WIDTH));
        for (int row = 0; row < 3; row++) {
            PREPROCESSING.normalize(picture(row), rows.rows(row, 1));
        }
        return rows;
    }

    @Override
    TensorCodec.Body encode(Entropy entropy) {
        try {
            EncodedTensor encoded = codec().encode(rows());
            return new TensorCodec.Body(encoded.flags(), encoded.body());
        } catch (Exception impossible) {
            throw new AssertionError(impossible);
        }
    }

    @Override
    void assertSame(Tensor decoded, Tensor original) {
        assertThat(decoded.data()).isEqualTo(original.data());
    }

    @Override
    int expectedId() {
        return 3;
    }

    @Test
    void doesNotCarryTensors() {
        assertThat(codec().encode(sample(), Entropy.NONE)).isNull();
    }

    @Test
    void refusesPicturesThatDoNotFit() throws Exception {
        EncodedPicture good = rows().get(0);
        EncodedPicture small = new EncodedPicture(PictureFormat.RGB8, 2, 2, ByteBuffer.allocate(12));
        EncodedPicture cut = new EncodedPicture(PictureFormat.RGB8, WIDTH, HEIGHT, ByteBuffer.allocate(5));
        EncodedPicture empty = new EncodedPicture(PictureFormat.PNG, WIDTH, HEIGHT, ByteBuffer.allocate(0));
        assertRefused(List.of(small), "2x2 pixels");
        assertRefused(List.of(good, small), "expected one size");
        assertRefused(List.of(good, cut), "expected 72");
        assertRefused(List.of(empty), "0 bytes");
        assertRefused(List.of(), "no picture");
    }

    private void assertRefused(List<EncodedPicture> rows, String why) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> codec().encode(rows))
                .withMessageContaining("\"x\"")
                .withMessageContaining(why);
    }

    @Test
    void rejectsAPictureOfAnotherSizeThanItsPrefixSays() throws Exception {
        byte[] other = PICTURES.encode(PictureFormat.PNG, new Picture(HEIGHT, WIDTH, new byte[72]), 90);
        EncodedPicture liar = new EncodedPicture(PictureFormat.PNG, WIDTH, HEIGHT, ByteBuffer.wrap(other));
        EncodedTensor encoded = codec().encode(List.of(liar));
        assertThatExceptionOfType(CodecException.class)
                .isThrownBy(
                        () -> codec().decode(0, encoded.body(), Tensor.allocate(ElementType.FLOAT32, encoded.shape())))
                .withMessageContaining("4x6");
    }

    @Test
    void rejectsWhatThePictureCodecCannotRead() throws Exception {
        for (byte[] garbage : new byte[][] {{1}, {0, 6, 0, 4, 1, 2, 3}, {127, 0, 127, 0}}) {
            EncodedPicture bad = new EncodedPicture(PictureFormat.JPEG, WIDTH, HEIGHT, ByteBuffer.wrap(garbage));
            EncodedTensor encoded = codec().encode(List.of(bad));
            assertThatExceptionOfType(CodecException.class)
                    .isThrownBy(() ->
                            codec().decode(0, encoded.body(), Tensor.allocate(ElementType.FLOAT32, encoded.shape())))
                    .withMessageContaining("does not decode");
        }
    }

    @Test
    void readsPackedPicturesWithoutAPictureCodecAndRefusesOthers() throws Exception {
        ImageCodec bare = new ImageCodec(SPEC, PREPROCESSING, null);
        EncodedTensor packed = bare.encode(rows().subList(0, 1));
        Tensor into = Tensor.allocate(ElementType.FLOAT32, packed.shape());
        bare.decode(0, packed.body(), into);
        assertThat(into.data()).isEqualTo(sample().rows(0, 1).data());
        EncodedTensor jpeg = bare.encode(rows().subList(1, 2));
        assertThatExceptionOfType(CodecException.class)
                .isThrownBy(() -> bare.decode(0, jpeg.body(), into))
                .withMessageContaining("no picture codec");
    }

    @Test
    void needsPreprocessingThatFeedsItsInput() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new ImageCodec(SPEC, PREPROCESSING.withInput("y"), PICTURES))
                .withMessageContaining("\"y\"");
        assertThatIllegalArgumentException().isThrownBy(() -> new ImageCodec(SPEC, null, PICTURES));
        TensorSpec ints = new TensorSpec("x", ElementType.INT32, SPEC.shape());
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new ImageCodec(ints, PREPROCESSING, PICTURES))
                .withMessageContaining("int32");
    }
}
