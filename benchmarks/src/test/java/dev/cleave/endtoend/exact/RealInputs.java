package dev.cleave.endtoend.exact;

import dev.cleave.partition.Material;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/** Real inputs as the networks' authors prepare them, copied or converted into a folder; skips where there are none. */
final class RealInputs {
    private static final int CIFAR_SIDE = 32;
    private static final float[] CIFAR_MEAN = {0.4914f, 0.4822f, 0.4465f};
    private static final float[] CIFAR_DEVIATION = {0.2023f, 0.1994f, 0.2010f};

    private static final int MAGIKA_BLOCK = 4096;
    private static final int MAGIKA_BYTES = 1024;
    private static final int MAGIKA_PADDING = 256;

    private RealInputs() {}

    /** A few photographs, far apart in the list of classes. */
    static void photographs(Path folder, int count) throws IOException {
        List<Path> all = files(Material.require("data/imagenet1000"));
        for (int i = 0; i < count; i++) {
            Path picture = all.get(i * all.size() / count);
            Files.copy(picture, folder.resolve(picture.getFileName()));
        }
    }

    /** Small pictures as normalised tensors. */
    static void cifarTensors(Path folder, int count) throws IOException {
        byte[] rgb = Files.readAllBytes(Material.require("data/cifar10/dev1000_nhwc_rgb.u8"));
        int plane = CIFAR_SIDE * CIFAR_SIDE;
        for (int picture = 0; picture < count; picture++) {
            float[] tensor = new float[3 * plane];
            for (int i = 0; i < tensor.length; i++) {
                int channel = i / plane;
                int value = rgb[(picture * plane + i % plane) * 3 + channel] & 0xff;
                tensor[i] = (value / 255f - CIFAR_MEAN[channel]) / CIFAR_DEVIATION[channel];
            }
            Files.write(folder.resolve(picture + ".npy"), Npy.floats(tensor, 1, 3, CIFAR_SIDE, CIFAR_SIDE));
        }
    }

    /** Files of several types as their first and last bytes without the white space around them, padded. */
    static void fileContents(Path folder, int count) throws IOException {
        List<Path> all = files(Material.require("data/magika"));
        for (int i = 0; i < count; i++) {
            Path file = all.get(i * all.size() / count);
            byte[] content = Files.readAllBytes(file);
            Files.write(folder.resolve(i + ".npy"), Npy.ints(features(content), 1, 2 * MAGIKA_BYTES));
        }
    }

    private static int[] features(byte[] content) {
        int[] features = new int[2 * MAGIKA_BYTES];
        Arrays.fill(features, MAGIKA_PADDING);
        int from = 0;
        while (from < content.length && from < MAGIKA_BLOCK && isSpace(content[from])) {
            from++;
        }
        int to = content.length;
        while (to > 0 && to > content.length - MAGIKA_BLOCK && isSpace(content[to - 1])) {
            to--;
        }
        for (int i = 0; i < MAGIKA_BYTES; i++) {
            if (from + i < Math.min(content.length, MAGIKA_BLOCK)) {
                features[i] = content[from + i] & 0xff;
            }
            if (to - 1 - i >= Math.max(0, content.length - MAGIKA_BLOCK)) {
                features[features.length - 1 - i] = content[to - 1 - i] & 0xff;
            }
        }
        return features;
    }

    private static boolean isSpace(byte value) {
        return value == ' ' || value >= '\t' && value <= '\r';
    }

    private static List<Path> files(Path folder) throws IOException {
        try (Stream<Path> paths = Files.walk(folder)) {
            return paths.filter(Files::isRegularFile).sorted().toList();
        }
    }
}
