package dev.cleave.partition.roundtrip;

import dev.cleave.codec.EncodedPicture;
import dev.cleave.picture.Picture;
import dev.cleave.picture.PictureCodec;
import dev.cleave.picture.PictureFormat;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Locale;

/**
 * How a picture crosses at CLOUD.
 *
 * @param quality 1..100 for JPEG, else 0
 */
public record PictureForm(PictureFormat format, int quality) {
    /** Packed 8-bit pixels: lossless, and free to make. */
    public static final PictureForm RGB8 = new PictureForm(PictureFormat.RGB8, 0);
    /** Lossless. */
    public static final PictureForm PNG = new PictureForm(PictureFormat.PNG, 0);

    public static PictureForm jpeg(int quality) {
        return new PictureForm(PictureFormat.JPEG, quality);
    }

    /** {@code rgb8}, {@code png}, {@code jpeg:80}. */
    public String label() {
        return format.name().toLowerCase(Locale.ROOT) + (format == PictureFormat.JPEG ? ":" + quality : "");
    }

    /** @param codec may be null for {@link #RGB8} */
    EncodedPicture encode(Picture picture, PictureCodec codec) throws IOException {
        byte[] data = format == PictureFormat.RGB8 ? picture.rgb() : codec.encode(format, picture, quality);
        return new EncodedPicture(format, picture.width(), picture.height(), ByteBuffer.wrap(data));
    }
}
