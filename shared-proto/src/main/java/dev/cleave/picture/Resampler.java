package dev.cleave.picture;

import java.util.Arrays;

/** Resizes 8-bit RGB pictures: along the rows, then along the columns, rounding to 8 bits after each. */
final class Resampler {
    private static final int CHANNELS = 3;
    private static final int HALF = 1 << Taps.FRACTION_BITS - 1;

    private Resampler() {}

    static Picture resize(Picture picture, int width, int height, Interpolation interpolation) {
        Picture wide = width == picture.width()
                ? picture
                : resizeRows(picture, width, Taps.of(interpolation, picture.width(), width));
        return height == picture.height()
                ? wide
                : resizeColumns(wide, height, Taps.of(interpolation, picture.height(), height));
    }

    private static Picture resizeRows(Picture picture, int width, Taps taps) {
        byte[] in = picture.rgb();
        byte[] out = new byte[width * picture.height() * CHANNELS];
        int at = 0;
        for (int y = 0; y < picture.height(); y++) {
            int row = y * picture.width() * CHANNELS;
            for (int x = 0; x < width; x++) {
                int[] weights = taps.weights(x);
                int pixel = row + taps.first(x) * CHANNELS;
                int red = HALF;
                int green = HALF;
                int blue = HALF;
                for (int weight : weights) {
                    red += weight * (in[pixel] & 0xff);
                    green += weight * (in[pixel + 1] & 0xff);
                    blue += weight * (in[pixel + 2] & 0xff);
                    pixel += CHANNELS;
                }
                out[at++] = clamp(red);
                out[at++] = clamp(green);
                out[at++] = clamp(blue);
            }
        }
        return new Picture(width, picture.height(), out);
    }

    private static Picture resizeColumns(Picture picture, int height, Taps taps) {
        byte[] in = picture.rgb();
        int stride = picture.width() * CHANNELS;
        byte[] out = new byte[stride * height];
        int[] sums = new int[stride];
        for (int y = 0; y < height; y++) {
            Arrays.fill(sums, HALF);
            int row = taps.first(y) * stride;
            for (int weight : taps.weights(y)) {
                for (int i = 0; i < stride; i++) {
                    sums[i] += weight * (in[row + i] & 0xff);
                }
                row += stride;
            }
            for (int i = 0; i < stride; i++) {
                out[y * stride + i] = clamp(sums[i]);
            }
        }
        return new Picture(picture.width(), height, out);
    }

    private static byte clamp(int sum) {
        return (byte) Math.max(0, Math.min(255, sum >> Taps.FRACTION_BITS));
    }
}
