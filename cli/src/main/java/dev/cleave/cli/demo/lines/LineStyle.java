package dev.cleave.cli.demo.lines;

import java.util.Random;

/**
 * How a line is drawn.
 *
 * @param typeface index into the renderer's typefaces
 * @param emPixels wanted size; smaller where the line would not fit
 * @param slant horizontal shift per pixel of height, added to that of the typeface
 * @param tiltRadians rotation about the middle of the line
 * @param ink colour of the text, 0xRRGGBB
 * @param paper colour behind it
 * @param blurPixels standard deviation of the blur
 * @param noise standard deviation of the noise of each sample, of 255
 */
record LineStyle(
        int typeface,
        double emPixels,
        double slant,
        double tiltRadians,
        int ink,
        int paper,
        double blurPixels,
        double noise) {

    /** Dark on light, or light on dark for one line in five. */
    static LineStyle next(Random random, int typefaces) {
        boolean inverse = random.nextInt(5) == 0;
        int dark = grey(random, 0, 70);
        int light = grey(random, 185, 255);
        return new LineStyle(
                random.nextInt(typefaces),
                24 + 10 * random.nextDouble(),
                random.nextInt(4) == 0 ? 0.15 * random.nextDouble() : 0,
                Math.toRadians(random.nextDouble() - 0.5),
                inverse ? light : dark,
                inverse ? dark : light,
                0.3 + 0.5 * random.nextDouble(),
                8 * random.nextDouble());
    }

    /** A colour whose three samples are each in the range. */
    private static int grey(Random random, int from, int to) {
        int rgb = 0;
        for (int sample = 0; sample < 3; sample++) {
            rgb = rgb << 8 | from + random.nextInt(to - from + 1);
        }
        return rgb;
    }
}
