package dev.cleave.picture;

import java.util.Objects;

/**
 * An 8-bit RGB picture, packed row by row, three bytes a pixel.
 *
 * @param rgb {@code width * height * 3} bytes, shared: neither side changes them
 */
public record Picture(int width, int height, byte[] rgb) {
    public Picture {
        Objects.requireNonNull(rgb, "rgb");
        if (width < 1 || height < 1 || (long) width * height * 3 != rgb.length) {
            throw new IllegalArgumentException("picture of " + width + "x" + height + " pixels in " + rgb.length
                    + " bytes; expected width*height*3");
        }
    }
}
