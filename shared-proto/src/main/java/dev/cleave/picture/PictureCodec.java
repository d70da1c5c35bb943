package dev.cleave.picture;

import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * JPEG and PNG on this platform; found as a service. Thread-safe.
 *
 * <p>Encoded pictures are hostile: an implementation reads the size first and refuses a picture over
 * {@code maxPixels} before it allocates for it.
 */
public interface PictureCodec {
    /**
     * Decodes a JPEG or PNG.
     *
     * @throws IOException if the bytes are no picture of that format, or hold more than {@code maxPixels} pixels
     */
    Picture decode(PictureFormat format, ByteBuffer encoded, long maxPixels) throws IOException;

    /**
     * Encodes a picture.
     *
     * @param quality 1 to 100, JPEG only
     */
    byte[] encode(PictureFormat format, Picture picture, int quality) throws IOException;
}
