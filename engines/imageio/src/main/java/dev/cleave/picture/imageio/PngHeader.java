package dev.cleave.picture.imageio;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * Walks the chunks of a PNG (ISO/IEC 15948) without decoding: size before anything is allocated, and that no chunk claims
 * to be longer than the file, since a decoder may allocate what it claims.
 */
final class PngHeader {
    private static final long SIGNATURE = 0x89504e470d0a1a0aL;
    private static final int IHDR = 0x49484452;
    private static final int IEND = 0x49454e44;
    /** Length, type and CRC. */
    private static final int CHUNK_OVERHEAD = 12;

    private PngHeader() {}

    static void check(byte[] bytes, long maxPixels) throws IOException {
        ByteBuffer in = ByteBuffer.wrap(bytes);
        if (bytes.length < 8 + CHUNK_OVERHEAD + 13 || in.getLong(0) != SIGNATURE) {
            throw new IOException("not a PNG: " + bytes.length + " bytes without its signature and header");
        }
        if (in.getInt(8) != 13 || in.getInt(12) != IHDR) {
            throw new IOException("PNG does not start with its header chunk");
        }
        long width = in.getInt(16) & 0xffffffffL;
        long height = in.getInt(20) & 0xffffffffL;
        if (width == 0 || height == 0 || width > maxPixels || width * height > maxPixels) {
            throw new IOException(
                    "PNG of " + width + "x" + height + " pixels; expected at most " + maxPixels + " pixels");
        }
        walk(in);
    }

    private static void walk(ByteBuffer in) throws IOException {
        int at = 8;
        while (true) {
            int left = in.limit() - at - CHUNK_OVERHEAD;
            if (left < 0) {
                throw new IOException("PNG ends early, after " + in.limit() + " bytes");
            }
            long length = in.getInt(at) & 0xffffffffL;
            int type = in.getInt(at + 4);
            if (length > left) {
                throw new IOException(
                        "PNG chunk \"" + name(type) + "\" of " + length + " bytes; the file has " + left + " left");
            }
            if (type == IEND) {
                return;
            }
            at += CHUNK_OVERHEAD + (int) length;
        }
    }

    private static String name(int type) {
        byte[] ascii = ByteBuffer.allocate(4).putInt(type).array();
        return new String(ascii, StandardCharsets.US_ASCII).replaceAll("[^A-Za-z]", "?");
    }
}
