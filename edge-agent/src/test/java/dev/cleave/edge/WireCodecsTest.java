package dev.cleave.edge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.cleave.bundle.Contract;
import dev.cleave.codec.ActivationCodec;
import dev.cleave.codec.CodecException;
import dev.cleave.codec.CodecParams;
import dev.cleave.codec.Entropy;
import dev.cleave.picture.Picture;
import dev.cleave.picture.PictureCodec;
import dev.cleave.picture.PictureFormat;
import dev.cleave.tensor.Shape;
import dev.cleave.tensor.Tensor;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WireCodecsTest {
    @TempDir
    Path folder;

    /** Keeps what it was asked, and encodes to the pixels as they are. */
    private static final class RecordingCodec implements PictureCodec {
        final List<String> asked = new ArrayList<>();

        @Override
        public Picture decode(PictureFormat format, ByteBuffer encoded, long maxPixels) {
            byte[] rgb = new byte[encoded.remaining()];
            encoded.duplicate().get(rgb);
            return new Picture(16, 16, rgb);
        }

        @Override
        public byte[] encode(PictureFormat format, Picture picture, int quality) {
            asked.add(format + " " + picture.width() + "x" + picture.height() + " at " + quality);
            return picture.rgb();
        }
    }

    private Activation pictures(Contract contract) throws Exception {
        Map<String, Tensor> bias = AffineModel.inputs(2, 1);
        bias.remove("x");
        return Activation.of(new InferenceInput(bias, AffineModel.pictures()), contract);
    }

    @Test
    void picturesTravelAsJpegWhenAskedFor() throws Exception {
        Contract contract =
                new AffineModel().preprocessing(AffineModel.grey()).full(folder).contract();
        RecordingCodec jpeg = new RecordingCodec();
        WireCodecs codecs = new WireCodecs(contract, "default", jpeg, 80);
        ByteBuffer payload = codecs.encode(0, 0, Entropy.NONE, pictures(contract));
        assertThat(jpeg.asked).containsExactly("JPEG 16x16 at 80", "JPEG 16x16 at 80");
        Map<String, Tensor> decoded = new LinkedHashMap<>();
        decoded.put("x", Tensor.allocate(contract.inputs().get(0).type(), AffineModel.rows(2)));
        decoded.put("bias", Tensor.allocate(contract.inputs().get(1).type(), AffineModel.rows(2)));
        new ActivationCodec(
                        contract.points().get(0).specs(),
                        contract.points().get(0).levels().get(0).codecs(),
                        Entropy.NONE,
                        contract.preprocessing(),
                        jpeg)
                .decode(payload, decoded);
        assertThat(AffineModel.floats(decoded.get("x")))
                .isEqualTo(AffineModel.floats(pictures(contract).live(contract).get("x")));
    }

    @Test
    void picturesTravelAsTensorsAtTheRawLevel() throws Exception {
        Contract contract =
                new AffineModel().preprocessing(AffineModel.grey()).full(folder).contract();
        WireCodecs codecs = new WireCodecs(contract, "raw", null, 0);
        Activation pictures = pictures(contract);
        assertThat(codecs.level(0)).isEqualTo(1);
        assertThat(codecs.encode(0, 1, Entropy.NONE, pictures).remaining())
                .isGreaterThan(2 * 2 * AffineModel.WIDTH * Float.BYTES);
    }

    @Test
    void refusesAReplyOfAnotherNumberOfRows() throws Exception {
        Contract contract = new AffineModel().full(folder).contract();
        Map<String, Tensor> outputs = Collections.singletonMap(
                "y", Tensor.allocate(contract.outputs().get(0).type(), AffineModel.rows(3)));
        ByteBuffer payload = new ActivationCodec(
                        contract.lateOutputs(2),
                        Collections.singletonList(new CodecParams.Raw()),
                        Entropy.NONE,
                        null,
                        null)
                .encode(outputs, Collections.emptyMap());
        WireCodecs codecs = new WireCodecs(contract, "default", null, 0);
        assertThat(codecs.decode(2, 3, payload).get("y").shape()).isEqualTo(Shape.of(3, 1, 16, 16));
        assertThatExceptionOfType(CodecException.class)
                .isThrownBy(() -> codecs.decode(2, 2, payload))
                .withMessage("output \"y\" has shape [3,1,16,16]; expected [2,1,16,16]");
    }
}
