package dev.cleave.partition.calibrate;

import java.util.List;

/**
 * What calibration chooses among. Immutable.
 *
 * @param levels of quantisation, rising
 * @param commonRange whether to try one range for a whole tensor beside one per channel
 * @param jpegQualities of pictures at CLOUD, tried upwards: the smallest that will do is wanted, and agreement need not
 *     grow with every step
 */
public record CodecChoices(List<Integer> levels, boolean commonRange, List<Integer> jpegQualities) {
    /** What is worth trying on a network that was trained. */
    public static final CodecChoices ALL = new CodecChoices(
            List.of(2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 96, 128, 192, 256),
            true,
            List.of(30, 40, 50, 60, 70, 80, 90, 95, 98));

    public CodecChoices {
        levels = List.copyOf(levels);
        jpegQualities = List.copyOf(jpegQualities);
        if (levels.isEmpty() || jpegQualities.isEmpty()) {
            throw new IllegalArgumentException(
                    "levels " + levels + ", JPEG qualities " + jpegQualities + "; expected at least one of each");
        }
    }

    /**
     * One of each, for a network whose answers mean nothing, because nobody trained it. It is taken if the wanted agreement
     * is 0.
     */
    public static CodecChoices pinned(int levels, int jpegQuality) {
        return new CodecChoices(List.of(levels), false, List.of(jpegQuality));
    }
}
