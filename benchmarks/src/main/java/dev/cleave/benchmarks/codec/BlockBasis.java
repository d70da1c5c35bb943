package dev.cleave.benchmarks.codec;

/**
 * A picture of channels as square blocks of coefficients, by a two-dimensional discrete cosine transform or as they are.
 * Immutable. Pictures are {@code [height][width][channels]}; coefficients are {@code [blocks][side * side][channels]}.
 */
final class BlockBasis {
    final int height;
    final int width;
    final int channels;
    final int side;
    /** By frequency, then place; null: blocks of elements. */
    private final float[][] cosines;

    /** @param side 1 for no blocks at all; else it divides the height and the width */
    BlockBasis(int height, int width, int channels, int side, boolean cosine) {
        this.height = height;
        this.width = width;
        this.channels = channels;
        this.side = side;
        cosines = cosine && side > 1 ? cosines(side) : null;
    }

    private static float[][] cosines(int side) {
        float[][] rows = new float[side][side];
        for (int k = 0; k < side; k++) {
            double scale = Math.sqrt((k == 0 ? 1.0 : 2.0) / side);
            for (int i = 0; i < side; i++) {
                rows[k][i] = (float) (scale * Math.cos(Math.PI * (2 * i + 1) * k / (2 * side)));
            }
        }
        return rows;
    }

    int blocks() {
        return height / side * (width / side);
    }

    /** Coefficients of one channel's block. */
    int area() {
        return side * side;
    }

    /** Distance of a coefficient from the mean in the plane of frequencies, 0 to 1.4. */
    double frequency(int coefficient) {
        return Math.hypot(coefficient / side, coefficient % side) / side;
    }

    float[] forward(float[] picture) {
        float[] out = new float[picture.length];
        float[] block = new float[area() * channels];
        for (int b = 0; b < blocks(); b++) {
            for (int i = 0; i < area(); i++) {
                System.arraycopy(picture, at(b, i), block, i * channels, channels);
            }
            float[] done = cosines == null ? block : transformed(block, false);
            System.arraycopy(done, 0, out, b * block.length, block.length);
        }
        return out;
    }

    float[] inverse(float[] coefficients) {
        float[] out = new float[coefficients.length];
        float[] block = new float[area() * channels];
        for (int b = 0; b < blocks(); b++) {
            System.arraycopy(coefficients, b * block.length, block, 0, block.length);
            float[] done = cosines == null ? block : transformed(block, true);
            for (int i = 0; i < area(); i++) {
                System.arraycopy(done, i * channels, out, at(b, i), channels);
            }
        }
        return out;
    }

    private int at(int block, int place) {
        int across = width / side;
        int y = block / across * side + place / side;
        int x = block % across * side + place % side;
        return (y * width + x) * channels;
    }

    private float[] transformed(float[] block, boolean back) {
        return along(along(block, side * channels, channels, back), channels, side * channels, back);
    }

    /** One dimension: the strides of the transformed axis and of the other. */
    private float[] along(float[] block, int stride, int otherStride, boolean back) {
        float[] out = new float[block.length];
        for (int other = 0; other < side; other++) {
            for (int to = 0; to < side; to++) {
                for (int from = 0; from < side; from++) {
                    float factor = back ? cosines[from][to] : cosines[to][from];
                    int read = other * otherStride + from * stride;
                    int write = other * otherStride + to * stride;
                    for (int c = 0; c < channels; c++) {
                        out[write + c] += factor * block[read + c];
                    }
                }
            }
        }
        return out;
    }
}
