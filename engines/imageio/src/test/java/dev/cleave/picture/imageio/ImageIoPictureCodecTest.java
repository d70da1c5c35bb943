package dev.cleave.picture.imageio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.cleave.picture.Picture;
import dev.cleave.picture.PictureCodec;
import dev.cleave.picture.PictureCodecs;
import dev.cleave.picture.PictureFormat;
import java.awt.color.ColorSpace;
import java.awt.color.ICC_Profile;
import java.awt.image.BufferedImage;
import java.awt.image.IndexColorModel;
import java.awt.image.WritableRaster;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;
import javax.imageio.ImageIO;
import javax.imageio.ImageTypeSpecifier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ImageIoPictureCodecTest {
    private static final long MAX_PIXELS = 10_000;
    private final PictureCodec codec = new ImageIoPictureCodec();

    private static Picture noise(int width, int height) {
        byte[] rgb = new byte[width * height * 3];
        new Random(1).nextBytes(rgb);
        return new Picture(width, height, rgb);
    }

    /** Red grows along x, green along y. */
    private static Picture gradient(int width, int height) {
        byte[] rgb = new byte[width * height * 3];
        for (int i = 0; i < width * height; i++) {
            rgb[i * 3] = (byte) (i % width * 255 / width);
            rgb[i * 3 + 1] = (byte) (i / width * 255 / height);
            rgb[i * 3 + 2] = (byte) 40;
        }
        return new Picture(width, height, rgb);
    }

    private Picture decode(PictureFormat format, byte[] bytes) throws IOException {
        return codec.decode(format, ByteBuffer.wrap(bytes), MAX_PIXELS);
    }

    private static byte[] png(BufferedImage image) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        assertThat(ImageIO.write(image, "png", out)).isTrue();
        return out.toByteArray();
    }

    private int[] decodedPng(BufferedImage image) throws IOException {
        byte[] rgb = decode(PictureFormat.PNG, png(image)).rgb();
        int[] unsigned = new int[rgb.length];
        for (int i = 0; i < rgb.length; i++) {
            unsigned[i] = rgb[i] & 0xff;
        }
        return unsigned;
    }

    @Test
    void isFoundAsTheService() {
        assertThat(PictureCodecs.find()).isInstanceOf(ImageIoPictureCodec.class);
    }

    @Test
    void pngIsLossless() throws IOException {
        Picture picture = noise(31, 17);
        Picture back = decode(PictureFormat.PNG, codec.encode(PictureFormat.PNG, picture, 0));
        assertThat(back.width()).isEqualTo(31);
        assertThat(back.height()).isEqualTo(17);
        assertThat(back.rgb()).isEqualTo(picture.rgb());
    }

    @Test
    void jpegComesCloserWithHigherQualityAndTakesMoreBytes() throws IOException {
        Picture picture = gradient(64, 48);
        byte[] coarse = codec.encode(PictureFormat.JPEG, picture, 20);
        byte[] fine = codec.encode(PictureFormat.JPEG, picture, 95);
        assertThat(fine.length).isGreaterThan(coarse.length);
        assertThat(error(picture, decode(PictureFormat.JPEG, fine)))
                .isLessThan(2)
                .isLessThan(error(picture, decode(PictureFormat.JPEG, coarse)));
    }

    private static double error(Picture a, Picture b) {
        assertThat(b.width()).isEqualTo(a.width());
        assertThat(b.height()).isEqualTo(a.height());
        double sum = 0;
        for (int i = 0; i < a.rgb().length; i++) {
            sum += Math.abs((a.rgb()[i] & 0xff) - (b.rgb()[i] & 0xff));
        }
        return sum / a.rgb().length;
    }

    @Test
    void greyKeepsItsStoredValues() throws IOException {
        BufferedImage grey = new BufferedImage(3, 1, BufferedImage.TYPE_BYTE_GRAY);
        grey.getRaster().setPixels(0, 0, 3, 1, new int[] {0, 100, 255});
        assertThat(decodedPng(grey)).containsExactly(0, 0, 0, 100, 100, 100, 255, 255, 255);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        BufferedImage flat = new BufferedImage(16, 16, BufferedImage.TYPE_BYTE_GRAY);
        int[] values = new int[256];
        Arrays.fill(values, 100);
        flat.getRaster().setPixels(0, 0, 16, 16, values);
        ImageIO.write(flat, "jpeg", out);
        for (byte sample : decode(PictureFormat.JPEG, out.toByteArray()).rgb()) {
            assertThat(sample).isBetween((byte) 99, (byte) 101);
        }
    }

    @Test
    void sixteenBitsAreRoundedToEight() throws IOException {
        BufferedImage deep = new BufferedImage(4, 1, BufferedImage.TYPE_USHORT_GRAY);
        deep.getRaster().setPixels(0, 0, 4, 1, new int[] {128, 129, 257 * 77, 65535});
        assertThat(decodedPng(deep)).containsExactly(0, 0, 0, 1, 1, 1, 77, 77, 77, 255, 255, 255);
    }

    @Test
    void transparencyIsCompositedOnWhite() throws IOException {
        BufferedImage image = new BufferedImage(3, 1, BufferedImage.TYPE_INT_ARGB);
        image.setRGB(0, 0, 0xff102030);
        image.setRGB(1, 0, 0x00102030);
        image.setRGB(2, 0, 0x80000000);
        assertThat(decodedPng(image)).containsExactly(0x10, 0x20, 0x30, 255, 255, 255, 127, 127, 127);
        ImageTypeSpecifier greyAlpha = ImageTypeSpecifier.createGrayscale(8, 0, false, false);
        WritableRaster raster = greyAlpha.createBufferedImage(2, 1).getRaster();
        raster.setPixels(0, 0, 2, 1, new int[] {50, 255, 50, 0});
        BufferedImage grey = greyAlpha.createBufferedImage(2, 1);
        grey.setData(raster);
        assertThat(decodedPng(grey)).containsExactly(50, 50, 50, 255, 255, 255);
    }

    @Test
    void palettesAreResolved() throws IOException {
        byte[] reds = {0, (byte) 200};
        byte[] greens = {5, 6};
        byte[] blues = {7, 8};
        IndexColorModel palette = new IndexColorModel(1, 2, reds, greens, blues);
        BufferedImage image = new BufferedImage(2, 1, BufferedImage.TYPE_BYTE_BINARY, palette);
        image.getRaster().setPixels(0, 0, 2, 1, new int[] {1, 0});
        assertThat(decodedPng(image)).containsExactly(200, 6, 8, 0, 5, 7);
    }

    @ParameterizedTest
    @EnumSource(
            value = PictureFormat.class,
            names = {"JPEG", "PNG"})
    void refusesPicturesOverTheLimitBeforeDecoding(PictureFormat format) throws IOException {
        byte[] bytes = codec.encode(format, gradient(101, 100), 90);
        assertThatIOException()
                .isThrownBy(() -> decode(format, bytes))
                .withMessageContaining("101x100")
                .withMessageContaining("10000");
        assertThat(codec.decode(format, ByteBuffer.wrap(bytes), 10_100).width()).isEqualTo(101);
    }

    @ParameterizedTest
    @EnumSource(
            value = PictureFormat.class,
            names = {"JPEG", "PNG"})
    void refusesAFileOfTheOtherFormat(PictureFormat format) throws IOException {
        PictureFormat other = format == PictureFormat.JPEG ? PictureFormat.PNG : PictureFormat.JPEG;
        byte[] bytes = codec.encode(other, gradient(20, 20), 90);
        assertThatIOException().isThrownBy(() -> decode(format, bytes)).withMessageContaining("not a " + format);
    }

    @ParameterizedTest
    @EnumSource(
            value = PictureFormat.class,
            names = {"JPEG", "PNG"})
    void refusesEveryTruncation(PictureFormat format) throws IOException {
        byte[] bytes = codec.encode(format, gradient(40, 30), 80);
        for (int length = 0; length < bytes.length; length++) {
            byte[] cut = Arrays.copyOf(bytes, length);
            assertThatIOException().as("%d bytes", length).isThrownBy(() -> decode(format, cut));
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = PictureFormat.class,
            names = {"JPEG", "PNG"})
    void meetsDamageWithAPictureOrAnIoException(PictureFormat format) throws IOException {
        byte[] bytes = codec.encode(format, gradient(40, 30), 80);
        Random random = new Random(2);
        int refused = 0;
        for (int round = 0; round < 1000; round++) {
            byte[] damaged = bytes.clone();
            for (int flips = 1 + random.nextInt(3); flips > 0; flips--) {
                damaged[random.nextInt(damaged.length)] ^= (byte) (1 << random.nextInt(8));
            }
            try {
                Picture picture = decode(format, damaged);
                assertThat((long) picture.width() * picture.height()).isLessThanOrEqualTo(MAX_PIXELS);
            } catch (IOException expected) {
                assertThat(expected.getMessage()).isNotBlank();
                refused++;
            }
        }
        assertThat(refused).isPositive();
    }

    @Test
    void refusesCmykByItsNumberOfComponents() throws IOException {
        byte[] bytes = codec.encode(PictureFormat.JPEG, gradient(20, 20), 90);
        int frame = indexOfFrame(bytes);
        bytes[frame + 9] = 4;
        assertThatIOException()
                .isThrownBy(() -> decode(PictureFormat.JPEG, bytes))
                .withMessageContaining("4 components")
                .withMessageContaining("CMYK");
    }

    private static int indexOfFrame(byte[] jpeg) {
        for (int i = 0; ; i++) {
            if (jpeg[i] == (byte) 0xff && jpeg[i + 1] == (byte) 0xc0) {
                return i;
            }
        }
    }

    @Test
    void refusesAJpegOfVeryManyScans() throws IOException {
        byte[] bytes = codec.encode(PictureFormat.JPEG, gradient(20, 20), 90);
        byte[] scan = {(byte) 0xff, (byte) 0xda, 0, 2};
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(bytes, 0, bytes.length - 2);
        for (int i = 0; i < 100; i++) {
            out.write(scan);
        }
        out.write(bytes, bytes.length - 2, 2);
        assertThatIOException()
                .isThrownBy(() -> decode(PictureFormat.JPEG, out.toByteArray()))
                .withMessageContaining("100 scans");
    }

    @Test
    void ignoresColourProfiles() throws IOException {
        byte[] bytes = codec.encode(PictureFormat.JPEG, gradient(20, 20), 90);
        byte[] profile = ICC_Profile.getInstance(ColorSpace.CS_LINEAR_RGB).getData();
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(bytes, 0, 20);
        out.write(
                new byte[] {(byte) 0xff, (byte) 0xe2, (byte) (profile.length + 16 >> 8), (byte) (profile.length + 16)});
        out.write("ICC_PROFILE\0\1\1".getBytes(StandardCharsets.ISO_8859_1));
        out.write(profile);
        out.write(bytes, 20, bytes.length - 20);
        Picture plain = decode(PictureFormat.JPEG, bytes);
        assertThat(decode(PictureFormat.JPEG, out.toByteArray()).rgb()).isEqualTo(plain.rgb());
    }

    @Test
    void refusesAPngChunkLongerThanTheFile() throws IOException {
        byte[] bytes = codec.encode(PictureFormat.PNG, gradient(20, 20), 90);
        bytes[33] = 0x7f;
        assertThatIOException()
                .isThrownBy(() -> decode(PictureFormat.PNG, bytes))
                .withMessageContaining("IDAT")
                .withMessageContaining("left");
    }

    @Test
    void refusesPackedPixelsAndQualitiesOutOfRange() {
        Picture picture = gradient(4, 4);
        assertThatExceptionOfType(IOException.class)
                .isThrownBy(() -> decode(PictureFormat.RGB8, picture.rgb()))
                .withMessageContaining("RGB8");
        assertThatIOException().isThrownBy(() -> codec.encode(PictureFormat.RGB8, picture, 90));
        for (int quality : new int[] {0, 101}) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> codec.encode(PictureFormat.JPEG, picture, quality))
                    .withMessageContaining(Integer.toString(quality));
        }
    }
}
