package dev.cleave.codec.temporal;

import java.util.Random;

/** Seeded videos for tests: values in 256ths of a symbol, as floors and fractions. */
final class SampleVideos {
    private SampleVideos() {}

    /** One tensor's values. */
    record Values(byte[] floors, byte[] fractions) {
        /** Of values in 256ths of a symbol. */
        static Values of(int[] fine) {
            byte[] floors = new byte[fine.length];
            byte[] fractions = new byte[fine.length];
            for (int i = 0; i < fine.length; i++) {
                floors[i] = (byte) (fine[i] >> 8);
                fractions[i] = (byte) fine[i];
            }
            return new Values(floors, fractions);
        }

        int fine(int i) {
            return (floors[i] & 0xff) << 8 | fractions[i] & 0xff;
        }

        byte[] nearest() {
            byte[] symbols = new byte[floors.length];
            for (int i = 0; i < symbols.length; i++) {
                symbols[i] = (byte) (fine(i) + 128 >> 8);
            }
            return symbols;
        }
    }

    /**
     * Waves that stand still but for a block that moves on by a column with each time, and noise.
     *
     * @param noise in symbols
     */
    static Values scene(int count, int height, int width, int levels, int time, double noise, long seed) {
        Random random = new Random(seed * 1000 + time);
        int[] fine = new int[count];
        for (int i = 0; i < count; i++) {
            int x = i % width;
            int y = i / width % height;
            int plane = i / (width * height);
            double wave = Math.sin(0.7 * x + 0.3 * plane) * Math.cos(0.5 * y - 0.2 * plane);
            boolean moving = Math.abs(x - time % width) <= 1 && y >= height / 3 && y < 2 * height / 3;
            double value = (wave + 1) / 2 * (levels - 1) * (moving ? 0.3 : 1) + noise * random.nextGaussian();
            fine[i] = (int) Math.max(0, Math.min((levels - 1) << 8, Math.round(256 * value)));
        }
        return Values.of(fine);
    }

    /** Values anywhere. */
    static Values noise(int count, int levels, long seed) {
        Random random = new Random(seed);
        int[] fine = new int[count];
        for (int i = 0; i < count; i++) {
            fine[i] = random.nextInt(((levels - 1) << 8) + 1);
        }
        return Values.of(fine);
    }
}
