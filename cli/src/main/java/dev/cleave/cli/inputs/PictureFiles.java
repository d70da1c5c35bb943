package dev.cleave.cli.inputs;

import dev.cleave.picture.Picture;
import dev.cleave.picture.PictureCodec;
import dev.cleave.picture.PictureFormat;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Iterator;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.stream.ImageInputStream;

/** Reads JPEG, PNG and BMP pictures; what a file is, its first bytes say, not its name. */
public final class PictureFiles {
    private static final long MAX_FILE_BYTES = 256L << 20;
    static final long MAX_PIXELS = 64_000_000;

    private final PictureCodec codec;
    private final long maxPixels;

    /**
     * @param codec JPEG and PNG need one; null refuses them
     * @param maxPixels larger pictures are refused before memory is taken for them
     */
    public PictureFiles(PictureCodec codec, long maxPixels) {
        this.codec = codec;
        this.maxPixels = maxPixels;
    }

    Picture read(Path file) throws IOException {
        if (Files.size(file) > MAX_FILE_BYTES) {
            throw new MalformedInputException(
                    "has " + Files.size(file) + " bytes; expected a picture of at most 256 MiB");
        }
        return decode(Files.readAllBytes(file));
    }

    /** @throws IOException if this is no picture; one line */
    public Picture decode(byte[] bytes) throws IOException {
        try {
            if (startsWith(bytes, 0xFF, 0xD8, 0xFF)) {
                return decode(PictureFormat.JPEG, bytes);
            }
            if (startsWith(bytes, 0x89, 'P', 'N', 'G')) {
                return decode(PictureFormat.PNG, bytes);
            }
            if (startsWith(bytes, 'B', 'M')) {
                return decodeBmp(bytes);
            }
        } catch (MalformedInputException refused) {
            throw refused;
        } catch (IOException | RuntimeException malformed) {
            // Decoders meet malformed bytes with all kinds of exceptions.
            throw new MalformedInputException("is no readable picture: " + malformed.getMessage(), malformed);
        }
        throw new MalformedInputException("is no picture; expected the first bytes of a JPEG, PNG or BMP");
    }

    private Picture decode(PictureFormat format, byte[] bytes) throws IOException {
        if (codec == null) {
            throw new MalformedInputException("is a " + format + ", and no picture codec is on the class path");
        }
        return codec.decode(format, ByteBuffer.wrap(bytes), maxPixels);
    }

    private Picture decodeBmp(byte[] bytes) throws IOException {
        Iterator<ImageReader> readers = ImageIO.getImageReadersByFormatName("bmp");
        if (!readers.hasNext()) {
            throw new MalformedInputException("is a BMP, which this Java cannot read");
        }
        ImageReader reader = readers.next();
        try (ImageInputStream stream = ImageIO.createImageInputStream(new ByteArrayInputStream(bytes))) {
            reader.setInput(stream, true, true);
            long pixels = (long) reader.getWidth(0) * reader.getHeight(0);
            if (pixels > maxPixels) {
                throw new MalformedInputException("has " + pixels + " pixels; expected at most " + maxPixels);
            }
            return packed(reader.read(0));
        } finally {
            reader.dispose();
        }
    }

    private static Picture packed(BufferedImage image) {
        int width = image.getWidth();
        int height = image.getHeight();
        byte[] rgb = new byte[width * height * 3];
        int[] row = new int[width];
        int at = 0;
        for (int y = 0; y < height; y++) {
            image.getRGB(0, y, width, 1, row, 0, width);
            for (int pixel : row) {
                rgb[at++] = (byte) (pixel >> 16);
                rgb[at++] = (byte) (pixel >> 8);
                rgb[at++] = (byte) pixel;
            }
        }
        return new Picture(width, height, rgb);
    }

    private static boolean startsWith(byte[] bytes, int... magic) {
        if (bytes.length < magic.length) {
            return false;
        }
        for (int i = 0; i < magic.length; i++) {
            if ((bytes[i] & 0xFF) != magic[i]) {
                return false;
            }
        }
        return true;
    }
}
