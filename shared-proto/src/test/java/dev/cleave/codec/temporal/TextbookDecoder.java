package dev.cleave.codec.temporal;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * A decoder written from docs/FORMATS.md alone, plane by plane and term by term, that shares nothing with the one that ships. Slow, for bodies
 * that are known to be valid.
 */
final class TextbookDecoder {
    private static final int[] FROM = {12, 16, 23, 32, 45, 64, 91, 128, 181, 256, 362, 512, 724, 1024, 1448};

    private final int height;
    private final int width;
    private final int levels;
    private final int[] weights = new int[7];
    private final int[] widths = new int[16];
    private final long[] states = new long[4];
    private final ByteBuffer in;
    /** By place of a plane. */
    private final int[][] motion;

    private TextbookDecoder(byte[] body, int height, int width, int levels) {
        this.in = ByteBuffer.wrap(body).order(ByteOrder.LITTLE_ENDIAN);
        this.height = height;
        this.width = width;
        this.levels = levels;
        this.motion = new int[height][width];
    }

    /** @param r symbols of the reference, by plane, row and column; {@code b} what was before them */
    static int[][][] decode(byte[] body, int[][][] r, int[][][] b, int levels) {
        return new TextbookDecoder(body, r[0].length, r[0][0].length, levels).decode(r, b);
    }

    private int[][][] decode(int[][][] r, int[][][] b) {
        for (int i = 0; i < 7; i++) {
            weights[i] = in.get();
        }
        byte[] packed = new byte[10];
        in.get(packed);
        for (int bit = 0; bit < 80; bit++) {
            widths[bit / 5] |= (packed[bit / 8] >> bit % 8 & 1) << bit % 5;
        }
        for (int lane = 0; lane < 4; lane++) {
            states[lane] = in.getInt() & 0xffffffffL;
        }
        int[][][] symbols = new int[r.length][height][width];
        int plane = 0;
        for (; plane + 4 <= r.length; plane += 4) {
            int[][] blurred = blurred();
            for (int y = 0; y < height; y++) {
                for (int x = 0; x < width; x++) {
                    for (int lane = 0; lane < 4; lane++) {
                        int at = plane + lane;
                        symbols[at][y][x] = symbol(lane, symbols[at], r[at], b[at], blurred, y, x);
                    }
                }
            }
            for (int lane = 0; lane < 4; lane++) {
                observe(symbols[plane + lane], r[plane + lane]);
            }
        }
        int[][] blurred = blurred();
        for (int lane = 0; plane < r.length; plane++, lane++) {
            for (int y = 0; y < height; y++) {
                for (int x = 0; x < width; x++) {
                    symbols[plane][y][x] = symbol(lane, symbols[plane], r[plane], b[plane], blurred, y, x);
                }
            }
        }
        if (in.hasRemaining()) {
            throw new IllegalStateException(in.remaining() + " bytes left");
        }
        return symbols;
    }

    private int symbol(int lane, int[][] s, int[][] r, int[][] b, int[][] blurred, int y, int x) {
        int here = r[y][x];
        int west = x > 0 ? s[y][x - 1] - r[y][x - 1] : 0;
        int north = y > 0 ? s[y - 1][x] - r[y - 1][x] : 0;
        int[] terms = {
            west,
            north,
            at(r, y, x - 1) - here,
            at(r, y - 1, x) - here,
            at(r, y, x + 1) - here,
            at(r, y + 1, x) - here,
            b[y][x] - here
        };
        int p = 64 * here + 32;
        for (int i = 0; i < 7; i++) {
            p += weights[i] * terms[i];
        }
        p = Math.max(0, Math.min(64 * levels - 1, p));
        int steepness = 0;
        for (int i = 2; i < 6; i++) {
            steepness += Math.abs(terms[i]);
        }
        int activity = 10
                + 16 * (Math.abs(west) + Math.abs(north))
                + 6 * steepness
                + 32 * Math.abs(terms[6])
                + Math.floorDiv(blurred[y][x], 4)
                + 64 * differences(r, b) / ((height + 2) * (width + 2));
        int kind = 0;
        for (int from : FROM) {
            kind += activity >= from ? 1 : 0;
        }
        return residual(lane, table(widths[kind], p < 48 ? 4 : p / 16 % 4), p / 64);
    }

    private static int at(int[][] plane, int y, int x) {
        int row = Math.max(0, Math.min(plane.length - 1, y));
        return plane[row][Math.max(0, Math.min(plane[0].length - 1, x))];
    }

    private int differences(int[][] r, int[][] b) {
        int sum = 0;
        for (int y = -1; y <= height; y++) {
            for (int x = -1; x <= width; x++) {
                sum += Math.abs(at(r, y, x) - at(b, y, x));
            }
        }
        return sum;
    }

    private int[][] blurred() {
        int[][] blurred = new int[height][width];
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                int sum = 0;
                for (int dy = -1; dy <= 1; dy++) {
                    for (int dx = -1; dx <= 1; dx++) {
                        boolean inside = y + dy >= 0 && y + dy < height && x + dx >= 0 && x + dx < width;
                        int weight = (2 - Math.abs(dy)) * (2 - Math.abs(dx));
                        sum += inside ? weight * motion[y + dy][x + dx] : 0;
                    }
                }
                blurred[y][x] = Math.floorDiv(sum, 16);
            }
        }
        return blurred;
    }

    private void observe(int[][] s, int[][] r) {
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                motion[y][x] += Math.floorDiv(256 * Math.abs(s[y][x] - r[y][x]) - motion[y][x], 8);
            }
        }
    }

    /** Frequencies of residuals -127..127. */
    private static int[] table(int t, int position) {
        long decay = Math.round((1 << 30) * Math.exp(-Math.pow(2, 2 - t / 3.0)));
        long[] power = new long[8 * 129];
        power[0] = 1 << 30;
        for (int j = 1; j < power.length; j++) {
            power[j] = power[j - 1] * decay >> 30;
        }
        int offset = position == 4 ? 0 : 2 * position - 3;
        int[] frequencies = new int[255];
        for (int e = position == 4 ? 0 : -127; e <= 127; e++) {
            int below = position == 4 && e == 0 ? 0 : below(power, 8 * e - 4 - offset);
            int frequency = below(power, 8 * e + 4 - offset) - below;
            frequencies[e + 127] = Math.abs(e) <= 2 ? Math.max(1, frequency) : frequency;
        }
        return frequencies;
    }

    private static int below(long[] power, int j) {
        long one = power[0];
        long odds = power[Math.abs(j)];
        return (int) (2042 * (j < 0 ? odds : one) / (one + odds));
    }

    private int residual(int lane, int[] frequencies, int predicted) {
        int first = 127;
        while (first > 0 && frequencies[first - 1] > 0) {
            first--;
        }
        int last = 127;
        while (last < 254 && frequencies[last + 1] > 0) {
            last++;
        }
        int escape = 2048;
        for (int i = first; i <= last; i++) {
            escape -= frequencies[i];
        }
        int slot = (int) (states[lane] & 2047);
        if (slot < escape) {
            advance(lane, escape, 0);
            int symbol = (int) (states[lane] & 2047) / 8;
            advance(lane, 8, 8 * symbol);
            return symbol;
        }
        int cumulative = escape;
        int i = first;
        while (slot >= cumulative + frequencies[i]) {
            cumulative += frequencies[i++];
        }
        advance(lane, frequencies[i], cumulative);
        return predicted + i - 127;
    }

    private void advance(int lane, int frequency, int cumulative) {
        long state = frequency * (states[lane] >> 11) + (states[lane] & 2047) - cumulative;
        states[lane] = state < 1 << 15 ? state << 16 | in.getShort() & 0xffff : state;
    }
}
