package dev.cleave.picture.imageio;

import dev.cleave.picture.Picture;
import dev.cleave.picture.PictureCodec;
import dev.cleave.picture.PictureFormat;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Locale;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.ImageWriteParam;
import javax.imageio.ImageWriter;
import javax.imageio.plugins.jpeg.JPEGImageWriteParam;
import javax.imageio.stream.ImageInputStream;
import javax.imageio.stream.ImageOutputStream;
import javax.imageio.stream.MemoryCacheImageInputStream;
import javax.imageio.stream.MemoryCacheImageOutputStream;

/**
 * JPEG and PNG by {@code javax.imageio}. Stateless, thread-safe.
 *
 * <p>Pixels are taken as they are stored: EXIF orientation and colour profiles are ignored, grey becomes three equal
 * channels, 16 bits are rounded to 8, and transparency is composited on white. JPEGs of four components (CMYK) are
 * refused. What a decoder would only find out on its way is checked before it starts: {@link JpegHeader}, {@link
 * PngHeader}.
 */
public final class ImageIoPictureCodec implements PictureCodec {
    @Override
    public Picture decode(PictureFormat format, ByteBuffer encoded, long maxPixels) throws IOException {
        byte[] bytes = new byte[encoded.remaining()];
        encoded.duplicate().get(bytes);
        switch (format) {
            case JPEG:
                JpegHeader.prepare(bytes, maxPixels);
                break;
            case PNG:
                PngHeader.check(bytes, maxPixels);
                break;
            default:
                throw unsupported(format);
        }
        return RgbPixels.of(read(format, bytes));
    }

    private static BufferedImage read(PictureFormat format, byte[] bytes) throws IOException {
        ImageReader reader = ImageIO.getImageReadersByFormatName(name(format)).next();
        try (ImageInputStream in = new MemoryCacheImageInputStream(new ByteArrayInputStream(bytes))) {
            reader.setInput(in, true, true);
            return reader.read(0);
        } catch (IOException | RuntimeException malformed) {
            // The JDK's readers meet damaged pictures with exceptions of many kinds.
            throw new IOException(format + " of " + bytes.length + " bytes does not decode: " + malformed, malformed);
        } finally {
            reader.dispose();
        }
    }

    /** @throws IllegalArgumentException if the quality is not 1 to 100 */
    @Override
    public byte[] encode(PictureFormat format, Picture picture, int quality) throws IOException {
        if (format == PictureFormat.RGB8) {
            throw unsupported(format);
        }
        ImageWriter writer = ImageIO.getImageWritersByFormatName(name(format)).next();
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ImageOutputStream out = new MemoryCacheImageOutputStream(bytes)) {
            writer.setOutput(out);
            ImageWriteParam param = format == PictureFormat.JPEG ? jpeg(quality) : null;
            writer.write(null, new IIOImage(RgbPixels.image(picture), null, null), param);
        } finally {
            writer.dispose();
        }
        return bytes.toByteArray();
    }

    /** With Huffman tables of its own, as size-conscious encoders write them. */
    private static ImageWriteParam jpeg(int quality) {
        if (quality < 1 || quality > 100) {
            throw new IllegalArgumentException("JPEG quality " + quality + "; expected 1 to 100");
        }
        JPEGImageWriteParam param = new JPEGImageWriteParam(Locale.ROOT);
        param.setCompressionMode(ImageWriteParam.MODE_EXPLICIT);
        param.setCompressionQuality(quality / 100f);
        param.setOptimizeHuffmanTables(true);
        return param;
    }

    private static String name(PictureFormat format) {
        return format.name().toLowerCase(Locale.ROOT);
    }

    private static IOException unsupported(PictureFormat format) {
        return new IOException("picture format " + format + " is not an encoding; expected JPEG or PNG");
    }
}
