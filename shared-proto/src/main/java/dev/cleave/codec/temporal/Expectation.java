package dev.cleave.codec.temporal;

import dev.cleave.codec.context.Planes;
import java.util.Arrays;

/**
 * What to expect of one plane's symbols, before any of them is known: all but what their west and north neighbours add, which are
 * the only ones that a decoder has to wait for. One plane at a time, one thread.
 *
 * <p>With r the reference, b what was before it, ΔW and ΔN what the neighbours have changed since the reference:
 *
 * <pre>
 *   prediction = r + w0 ΔW + w1 ΔN + w2 (rW - r) + w3 (rN - r) + w4 (rE - r) + w5 (rS - r) + w6 (b - r)
 *   activity   = 10 + 16 |ΔW| + 16 |ΔN| + 6 (|rW - r| + |rN - r| + |rE - r| + |rS - r|) + 32 |b - r| + motion / 4
 *                + 64 * mean |b - r| of the plane                                            in 256ths of a symbol
 * </pre>
 *
 * <p>Motion is where other channels have changed. Planes are padded by a row above and below and a column on either side, which
 * repeat what they lie beside: so every symbol has four neighbours, and none beyond the edge has changed.
 */
final class Expectation {
    private static final int LEAST = 10;
    private static final int GRADIENT = 6;
    private static final int BEFORE = 32;
    private static final int BEFORE_IN_PLANE = 64;
    /** A neighbour's change to the activity, as a shift. */
    static final int CHANGE_SHIFT = 4;

    private static final int MOTION_SHIFT = 2;

    private static final int LARGEST_ACTIVITY = 2047;
    /** Activity to class, times the number of positions. */
    private static final byte[] CLASSES = classes();

    /** Of the padded plane, by row and column. */
    int[] reference = {};

    int[] before = {};
    /** The prediction without w0 and w1, in 64ths, and half a symbol. */
    int[] base = {};
    /** The activity without changes. */
    int[] activity = {};
    /** What has changed since the reference, as far as it is known; 0 where it is not. */
    int[] changed = {};

    /** Half octaves, the first of them all below 12. */
    private static byte[] classes() {
        int[] from = {0, 12, 16, 23, 32, 45, 64, 91, 128, 181, 256, 362, 512, 724, 1024, 1448};
        byte[] classes = new byte[LARGEST_ACTIVITY + 1];
        for (int c = 1; c < from.length; c++) {
            Arrays.fill(classes, from[c], classes.length, (byte) (c * ResidualTables.POSITIONS));
        }
        return classes;
    }

    /**
     * The context of a symbol: {@code class * POSITIONS + position}.
     *
     * @param prediction in 64ths and half a symbol more, within the tensor's symbols
     */
    static int context(int prediction, int activity) {
        // Half a symbol above 0 is position 2's first; a quarter above that is no edge any more.
        int position = prediction < 48 ? ResidualTables.EDGE : prediction >> 4 & 3;
        return CLASSES[Math.min(activity, LARGEST_ACTIVITY)] + position;
    }

    /** Columns of a padded plane. */
    static int stride(Planes planes) {
        return planes.width() + 2;
    }

    /** Elements of a padded plane. */
    static int area(Planes planes) {
        return (planes.width() + 2) * (planes.height() + 2);
    }

    /**
     * Takes up a plane.
     *
     * @param held planes that lie one after another, as those before them
     * @param motion of the padded plane
     */
    void begin(Planes planes, int plane, byte[] held, byte[] heldBefore, int[] motion, FrameModel model) {
        int area = area(planes);
        if (reference.length < area) {
            reference = new int[area];
            before = new int[area];
            base = new int[area];
            activity = new int[area];
            changed = new int[area];
        }
        Arrays.fill(changed, 0, area, 0);
        pad(planes, plane, held, reference);
        pad(planes, plane, heldBefore, before);
        int constant = LEAST + (int) (BEFORE_IN_PLANE * changedBefore(area) / area);
        expect(area, stride(planes), constant, motion, model.weights);
    }

    private static void pad(Planes planes, int plane, byte[] planar, int[] into) {
        int width = planes.width();
        int height = planes.height();
        int stride = width + 2;
        int from = plane * planes.area();
        for (int y = 0, at = stride + 1; y < height; y++, at += stride, from += width) {
            for (int x = 0; x < width; x++) {
                into[at + x] = planar[from + x] & 0xff;
            }
            into[at - 1] = into[at];
            into[at + width] = into[at + width - 1];
        }
        System.arraycopy(into, stride, into, 0, stride);
        System.arraycopy(into, height * stride, into, (height + 1) * stride, stride);
    }

    private long changedBefore(int area) {
        int[] reference = this.reference;
        int[] before = this.before;
        long sum = 0;
        for (int i = 0; i < area; i++) {
            sum += Math.abs(before[i] - reference[i]);
        }
        return sum;
    }

    private void expect(int area, int stride, int constant, int[] motion, int[] weights) {
        int[] reference = this.reference;
        int[] before = this.before;
        int[] base = this.base;
        int[] activity = this.activity;
        int w2 = weights[2];
        int w3 = weights[3];
        int w4 = weights[4];
        int w5 = weights[5];
        int w6 = weights[6];
        for (int i = stride; i < area - stride; i++) {
            int here = reference[i];
            int w = reference[i - 1] - here;
            int n = reference[i - stride] - here;
            int e = reference[i + 1] - here;
            int s = reference[i + stride] - here;
            int b = before[i] - here;
            base[i] = (here << 6) + 32 + w2 * w + w3 * n + w4 * e + w5 * s + w6 * b;
            activity[i] = constant
                    + GRADIENT * (Math.abs(w) + Math.abs(n) + Math.abs(e) + Math.abs(s))
                    + BEFORE * Math.abs(b)
                    + (motion[i] >> MOTION_SHIFT);
        }
    }
}
