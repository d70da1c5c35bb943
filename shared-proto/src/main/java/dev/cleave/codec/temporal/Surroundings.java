package dev.cleave.codec.temporal;

/**
 * What is known about a row of symbols before the row is: from the reference, from what was before it, from the row above, and from
 * where other channels have changed. One row at a time, of the padded planes of {@link TemporalScratch}; one thread.
 *
 * <p>A symbol's prediction, in 64ths with a half added, is {@code base + west * ΔW}, and its activity, in 256ths of a symbol, is
 * {@code activity + WEST * |ΔW|}: what its left neighbour adds is all that a decoder has to wait for.
 */
final class Surroundings {
    /** What one symbol of change to the left adds to the activity. */
    static final int WEST = 14;

    private static final int LEAST = 8;
    private static final int NORTH = 12;
    private static final int BEFORE = 22;
    private static final int BEFORE_AROUND = 4;
    private static final int GRADIENT = 5;
    /** In 256ths. */
    private static final int MOTION = 80;

    private static final int BEFORE_IN_PLANE = 70;

    /** Activities from which on a place belongs to the next set. */
    private static final int[] SET_FROM = {112, 224, 448};

    private static final int LARGEST_ACTIVITY = 2047;
    private static final byte[] CLASS_OF = classes();

    int[] base = {};
    int[] west = {};
    int[] activity = {};
    /** Which {@link FrameModel} set a place belongs to. */
    byte[] set = {};

    /** Half octaves, beginning with all below 12 256ths. */
    private static byte[] classes() {
        int[] from = {0, 12, 16, 23, 32, 45, 64, 91, 128, 181, 256, 362, 512, 724, 1024, 1448};
        byte[] classes = new byte[LARGEST_ACTIVITY + 1];
        for (int c = 1; c < from.length; c++) {
            for (int i = from[c]; i < classes.length; i++) {
                classes[i] = (byte) c;
            }
        }
        return classes;
    }

    static int classOf(int activity) {
        return CLASS_OF[Math.min(activity, LARGEST_ACTIVITY)];
    }

    void room(int width) {
        if (base.length < width) {
            base = new int[width];
            west = new int[width];
            activity = new int[width];
            set = new byte[width];
        }
    }

    /** What a plane adds to the activity everywhere: a base, and how much it had changed before. */
    static int ofPlane(byte[] reference, byte[] before, int at, int height, int width) {
        long changed = 0;
        for (int y = 0, row = at; y < height; y++, row += width + 2) {
            for (int i = row; i < row + width; i++) {
                changed += Math.abs((before[i] & 0xff) - (reference[i] & 0xff));
            }
        }
        return LEAST + (int) (BEFORE_IN_PLANE * changed / ((long) height * width));
    }

    /**
     * Takes in a row.
     *
     * @param at its first symbol's place in the padded planes
     * @param ofPlane see {@link #ofPlane}
     * @param motionAt its first symbol's place in {@code scratch.motion}
     */
    void take(TemporalScratch scratch, int at, int width, int ofPlane, int motionAt, int[] weights) {
        byte[] reference = scratch.reference;
        byte[] before = scratch.before;
        byte[] symbols = scratch.symbols;
        int[] motion = scratch.motion;
        int stride = width + 2;
        for (int x = 0; x < width; x++) {
            int i = at + x;
            int here = reference[i] & 0xff;
            int w = reference[i - 1] & 0xff;
            int n = reference[i - stride] & 0xff;
            int e = reference[i + 1] & 0xff;
            int s = reference[i + stride] & 0xff;
            int changedNorth = (symbols[i - stride] & 0xff) - n;
            int back = (before[i] & 0xff) - here;
            int backAround = Math.abs((before[i - 1] & 0xff) - w)
                    + Math.abs((before[i - stride] & 0xff) - n)
                    + Math.abs((before[i + 1] & 0xff) - e)
                    + Math.abs((before[i + stride] & 0xff) - s);
            w -= here;
            n -= here;
            e -= here;
            s -= here;
            int sum = ofPlane
                    + NORTH * Math.abs(changedNorth)
                    + (MOTION * motion[motionAt + x] >> 8)
                    + BEFORE * Math.abs(back)
                    + BEFORE_AROUND * backAround
                    + GRADIENT * (Math.abs(w) + Math.abs(n) + Math.abs(e) + Math.abs(s));
            int of = setOf(sum);
            int first = of * FrameModel.TERMS;
            set[x] = (byte) of;
            activity[x] = sum;
            west[x] = weights[first];
            base[x] = (here << 6)
                    + 32
                    + weights[first + 1] * changedNorth
                    + weights[first + 2] * w
                    + weights[first + 3] * n
                    + weights[first + 4] * e
                    + weights[first + 5] * s
                    + weights[first + 6] * back;
        }
    }

    private static int setOf(int activity) {
        if (activity < SET_FROM[1]) {
            return activity < SET_FROM[0] ? 0 : 1;
        }
        return activity < SET_FROM[2] ? 2 : 3;
    }
}
