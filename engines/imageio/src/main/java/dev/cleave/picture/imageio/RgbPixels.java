package dev.cleave.picture.imageio;

import dev.cleave.picture.Picture;
import java.awt.image.BufferedImage;
import java.awt.image.ColorModel;
import java.awt.image.DataBufferByte;
import java.awt.image.IndexColorModel;
import java.awt.image.Raster;
import java.io.IOException;

/**
 * Packed RGB to and from a {@link BufferedImage}. Reads stored samples, not {@code getRGB}: that takes grey for a linear
 * scale and brightens it.
 */
final class RgbPixels {
    private static final int WHITE = 255;

    private RgbPixels() {}

    static Picture of(BufferedImage image) throws IOException {
        Raster raster = image.getRaster();
        ColorModel colors = image.getColorModel();
        int width = image.getWidth();
        int bands = raster.getNumBands();
        boolean indexed = colors instanceof IndexColorModel;
        if (bands < 1 || bands > 4 || indexed && bands > 1) {
            throw new IOException("picture of " + bands + " bands; expected 1 to 4");
        }
        byte[] rgb = new byte[width * image.getHeight() * 3];
        int[] row = new int[width * bands];
        for (int y = 0; y < image.getHeight(); y++) {
            raster.getPixels(raster.getMinX(), raster.getMinY() + y, width, 1, row);
            int to = y * width * 3;
            if (indexed) {
                indexed((IndexColorModel) colors, row, rgb, to);
            } else {
                samples(row, bands, colors, rgb, to);
            }
        }
        return new Picture(width, image.getHeight(), rgb);
    }

    private static void indexed(IndexColorModel palette, int[] row, byte[] rgb, int to) throws IOException {
        int at = to;
        for (int index : row) {
            if (index >= palette.getMapSize()) {
                throw new IOException("pixel of colour " + index + "; the palette has " + palette.getMapSize());
            }
            int alpha = palette.getAlpha(index);
            rgb[at++] = onWhite(palette.getRed(index), alpha);
            rgb[at++] = onWhite(palette.getGreen(index), alpha);
            rgb[at++] = onWhite(palette.getBlue(index), alpha);
        }
    }

    /** Grey, grey + alpha, RGB or RGB + alpha. */
    private static void samples(int[] row, int bands, ColorModel colors, byte[] rgb, int to) {
        boolean grey = bands < 3;
        boolean transparent = bands % 2 == 0;
        int max = (1 << colors.getComponentSize(0)) - 1;
        int at = to;
        for (int pixel = 0; pixel < row.length; pixel += bands) {
            int alpha = transparent ? to8Bits(row[pixel + bands - 1], max) : 255;
            for (int channel = 0; channel < 3; channel++) {
                rgb[at++] = onWhite(to8Bits(row[pixel + (grey ? 0 : channel)], max), alpha);
            }
        }
    }

    private static int to8Bits(int sample, int max) {
        return max == 255 ? sample : (int) ((sample * 255L + max / 2) / max);
    }

    private static byte onWhite(int sample, int alpha) {
        return (byte) (alpha == 255 ? sample : (sample * alpha + WHITE * (255 - alpha) + 127) / 255);
    }

    static BufferedImage image(Picture picture) {
        BufferedImage image = new BufferedImage(picture.width(), picture.height(), BufferedImage.TYPE_3BYTE_BGR);
        byte[] bgr = ((DataBufferByte) image.getRaster().getDataBuffer()).getData();
        byte[] rgb = picture.rgb();
        for (int i = 0; i < rgb.length; i += 3) {
            bgr[i] = rgb[i + 2];
            bgr[i + 1] = rgb[i + 1];
            bgr[i + 2] = rgb[i];
        }
        return image;
    }
}
