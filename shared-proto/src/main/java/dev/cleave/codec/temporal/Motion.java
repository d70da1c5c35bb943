package dev.cleave.codec.temporal;

import dev.cleave.codec.context.Planes;
import java.util.Arrays;

/**
 * Where the channels of a tensor have changed so far, in 256ths of a symbol: what moves in one channel moves in others. One
 * thread.
 */
final class Motion {
    /** By place in the padded plane. */
    private int[] changes = {};
    /** The same, each place with its eight neighbours. */
    int[] blurred = {};

    void begin(Planes planes) {
        int area = Expectation.area(planes);
        if (changes.length < area) {
            changes = new int[area];
            blurred = new int[area];
        }
        Arrays.fill(changes, 0, area, 0);
        Arrays.fill(blurred, 0, area, 0);
    }

    /** Adds a plane: an eighth is new, seven eighths stay. */
    void add(Planes planes, int[] changed) {
        int[] changes = this.changes;
        int area = Expectation.area(planes);
        for (int i = 0; i < area; i++) {
            changes[i] += (Math.abs(changed[i]) << 8) - changes[i] >> 3;
        }
    }

    /** Makes {@link #blurred} of all that was added. */
    void blur(Planes planes) {
        int[] changes = this.changes;
        int[] blurred = this.blurred;
        int stride = Expectation.stride(planes);
        int last = Expectation.area(planes) - stride - 1;
        for (int i = stride + 1; i < last; i++) {
            int north = changes[i - stride - 1] + 2 * changes[i - stride] + changes[i - stride + 1];
            int here = changes[i - 1] + 2 * changes[i] + changes[i + 1];
            int south = changes[i + stride - 1] + 2 * changes[i + stride] + changes[i + stride + 1];
            blurred[i] = north + 2 * here + south >> 4;
        }
    }
}
