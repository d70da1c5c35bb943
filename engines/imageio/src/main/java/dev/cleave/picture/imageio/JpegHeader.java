package dev.cleave.picture.imageio;

import java.io.IOException;

/**
 * Walks the segments of a JPEG (ITU-T T.81, annex B) without decoding: size and components before anything is allocated,
 * that the end is there, and that the scans are few. A progressive JPEG may hold thousands of scans of a few bytes, each
 * of which costs a pass over the whole picture.
 *
 * <p>Colour profiles (APP2) are made comments: the JDK would convert to sRGB by them, other decoders do not, and models
 * are trained on what those return. Nor need native code then look at a hostile profile.
 */
final class JpegHeader {
    private static final int MAX_SCANS = 100;
    private static final int SOI = 0xd8;
    private static final int EOI = 0xd9;
    private static final int SOS = 0xda;
    private static final int APP2 = 0xe2;
    private static final int COMMENT = 0xfe;

    private final byte[] bytes;
    private int at;
    private int scans;
    private boolean hasFrame;

    private JpegHeader(byte[] bytes) {
        this.bytes = bytes;
    }

    /** Checks a JPEG and hides its colour profiles, in place. */
    static void prepare(byte[] bytes, long maxPixels) throws IOException {
        new JpegHeader(bytes).walk(maxPixels);
    }

    private void walk(long maxPixels) throws IOException {
        if (u8(0) != 0xff || u8(1) != SOI) {
            throw new IOException("not a JPEG: it starts with " + u8(0) + ", " + u8(1) + "; expected 255, 216");
        }
        at = 2;
        for (int marker = nextMarker(); marker != EOI; marker = nextMarker()) {
            if (isFrame(marker)) {
                checkFrame(maxPixels);
            } else if (marker == SOS) {
                scans++;
            } else if (marker == APP2) {
                bytes[at - 1] = (byte) COMMENT;
            }
            at += u16(at);
            if (scans > MAX_SCANS) {
                throw new IOException("JPEG of more than " + MAX_SCANS + " scans; expected fewer");
            }
        }
        if (!hasFrame || scans == 0) {
            throw new IOException("JPEG without a picture in it");
        }
    }

    /** Moves past the next marker; whatever stands before it is entropy-coded data. */
    private int nextMarker() throws IOException {
        while (true) {
            if (u8(at++) != 0xff) {
                continue;
            }
            int marker = u8(at);
            boolean standsAlone = marker == 0 || marker == 1 || marker >= 0xd0 && marker <= 0xd7;
            if (marker != 0xff) {
                at++;
                if (!standsAlone) {
                    return marker;
                }
            }
        }
    }

    private static boolean isFrame(int marker) {
        return marker >= 0xc0 && marker <= 0xcf && marker != 0xc4 && marker != 0xc8 && marker != 0xcc;
    }

    private void checkFrame(long maxPixels) throws IOException {
        int height = u16(at + 3);
        int width = u16(at + 5);
        int components = u8(at + 7);
        if (hasFrame) {
            throw new IOException("JPEG of several frames; expected one");
        }
        if (width == 0 || height == 0 || (long) width * height > maxPixels) {
            throw new IOException(
                    "JPEG of " + width + "x" + height + " pixels; expected at most " + maxPixels + " pixels");
        }
        if (components != 1 && components != 3) {
            throw new IOException(
                    "JPEG of " + components + " components (CMYK has four); expected 1 for grey or 3 for colour");
        }
        hasFrame = true;
    }

    private int u16(int offset) throws IOException {
        return u8(offset) << 8 | u8(offset + 1);
    }

    private int u8(int offset) throws IOException {
        if (offset >= bytes.length) {
            throw new IOException("JPEG ends early, after " + bytes.length + " bytes");
        }
        return bytes[offset] & 0xff;
    }
}
