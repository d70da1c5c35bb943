package dev.cleave.picture;

import java.util.Arrays;

/**
 * The geometric part of preprocessing: resize, then centre crop, then pad. Immutable.
 *
 * @param shorterSide of the resized picture; 0 if {@code resize} gives the sides, or there is no resize
 * @param resize sides of the resized picture; an open side follows the aspect ratio; null for none
 * @param crop sides of the centre crop; null for none
 * @param pad sides after filling up at the right and the bottom; an open side stays; null for none
 * @param padValue 0..255, the grey that fills
 */
record Geometry(int shorterSide, Sides resize, Sides crop, Sides pad, int padValue, Interpolation interpolation) {
    /** More than any picture that a model looks at; bounds what an extreme aspect ratio can ask for. */
    static final long MAX_PIXELS = 1L << 26;

    /** A height and a width in pixels, 0 for an open side. */
    record Sides(int height, int width) {}

    /** The sides of every picture that comes out; open where they depend on the one that goes in. */
    Sides sides() {
        Sides none = new Sides(0, 0);
        Sides filled = pad == null ? none : pad;
        Sides before = crop != null ? crop : resize != null && shorterSide == 0 ? resize : none;
        return new Sides(
                filled.height() > 0 ? filled.height() : before.height(),
                filled.width() > 0 ? filled.width() : before.width());
    }

    Picture apply(Picture picture) {
        return padded(cropped(resized(picture)));
    }

    private Picture resized(Picture picture) {
        int width = picture.width();
        int height = picture.height();
        if (shorterSide > 0) {
            boolean tall = height >= width;
            width = tall ? shorterSide : follow(picture.width(), shorterSide, picture.height());
            height = tall ? follow(picture.height(), shorterSide, picture.width()) : shorterSide;
        } else if (resize != null) {
            width = resize.width() > 0
                    ? resize.width()
                    : follow(picture.width(), resize.height(), picture.height(), pad == null ? 0 : pad.width());
            height = resize.height() > 0
                    ? resize.height()
                    : follow(picture.height(), resize.width(), picture.width(), pad == null ? 0 : pad.height());
        }
        requireBounded(picture, width, height);
        return Resampler.resize(picture, width, height, interpolation);
    }

    /** {@code side * target / other}, rounded down, at least 1, and at most {@code limit} unless that is 0. */
    private static int follow(int side, int target, int other, int limit) {
        long scaled = Math.max(1, (long) side * target / other);
        return (int) Math.min(scaled, limit > 0 ? limit : Integer.MAX_VALUE);
    }

    private static int follow(int side, int target, int other) {
        return follow(side, target, other, 0);
    }

    private static void requireBounded(Picture picture, int width, int height) {
        long onTheWay = width == picture.width() ? 0 : (long) width * picture.height();
        long after = height == picture.height() ? 0 : (long) width * height;
        if (Math.max(onTheWay, after) > MAX_PIXELS) {
            throw new IllegalArgumentException("picture of " + size(picture) + " pixels would be resized to " + width
                    + "x" + height + "; expected at most " + MAX_PIXELS + " pixels on the way");
        }
    }

    private Picture cropped(Picture picture) {
        if (crop == null) {
            return picture;
        }
        int left = picture.width() - crop.width();
        int top = picture.height() - crop.height();
        if (left < 0 || top < 0) {
            throw new IllegalArgumentException("picture of " + size(picture) + " pixels is too small for a crop of "
                    + crop.width() + "x" + crop.height());
        }
        byte[] out = new byte[crop.width() * crop.height() * 3];
        copy(picture, centred(left), centred(top), out, crop.width(), crop.width(), crop.height());
        return new Picture(crop.width(), crop.height(), out);
    }

    /** Half of what is left over, to the nearest, ties to even. */
    private static int centred(int leftOver) {
        return (int) Math.rint(leftOver / 2.0);
    }

    private Picture padded(Picture picture) {
        if (pad == null) {
            return picture;
        }
        int width = pad.width() > 0 ? pad.width() : picture.width();
        int height = pad.height() > 0 ? pad.height() : picture.height();
        if (picture.width() > width || picture.height() > height || (long) width * height > MAX_PIXELS) {
            throw new IllegalArgumentException("picture of " + size(picture) + " pixels cannot be padded to " + width
                    + "x" + height + "; expected no less than it, and at most " + MAX_PIXELS + " pixels");
        }
        byte[] out = new byte[width * height * 3];
        Arrays.fill(out, (byte) padValue);
        copy(picture, 0, 0, out, width, picture.width(), picture.height());
        return new Picture(width, height, out);
    }

    /** Copies a window of {@code picture} to the top left of {@code out}. */
    private static void copy(Picture picture, int left, int top, byte[] out, int outWidth, int width, int height) {
        for (int y = 0; y < height; y++) {
            int from = ((top + y) * picture.width() + left) * 3;
            System.arraycopy(picture.rgb(), from, out, y * outWidth * 3, width * 3);
        }
    }

    private static String size(Picture picture) {
        return picture.width() + "x" + picture.height();
    }
}
