package dev.cleave.codec;

import dev.cleave.picture.Picture;
import dev.cleave.picture.PictureCodec;
import dev.cleave.picture.PictureFormat;
import java.io.IOException;
import java.nio.ByteBuffer;

/** A lossless stand-in for JPEG and PNG: u16 width, u16 height, packed RGB. */
final class FakePictureCodec implements PictureCodec {
    @Override
    public Picture decode(PictureFormat format, ByteBuffer encoded, long maxPixels) throws IOException {
        if (encoded.remaining() < 4) {
            throw new IOException("no header");
        }
        int width = encoded.getShort() & 0xffff;
        int height = encoded.getShort() & 0xffff;
        if ((long) width * height > maxPixels) {
            throw new IOException("picture of " + width + "x" + height + " pixels; expected at most " + maxPixels);
        }
        byte[] rgb = new byte[encoded.remaining()];
        encoded.get(rgb);
        // The record itself refuses a wrong size, with a RuntimeException: codecs must cope with that too.
        return new Picture(width, height, rgb);
    }

    @Override
    public byte[] encode(PictureFormat format, Picture picture, int quality) {
        ByteBuffer out = ByteBuffer.allocate(4 + picture.rgb().length);
        out.putShort((short) picture.width()).putShort((short) picture.height()).put(picture.rgb());
        return out.array();
    }
}
