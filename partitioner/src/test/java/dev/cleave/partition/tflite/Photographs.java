package dev.cleave.partition.tflite;

import dev.cleave.partition.Material;
import dev.cleave.partition.sample.Sample;
import dev.cleave.partition.sample.Samples;
import dev.cleave.picture.Picture;
import dev.cleave.picture.PictureCodecs;
import dev.cleave.picture.PictureFormat;
import dev.cleave.picture.Preprocessing;
import dev.cleave.tensor.ElementType;
import dev.cleave.tensor.TensorSpec;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.ShortBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** Pictures of the material as a network takes them. */
final class Photographs {
    private static final int SIDE = 32;
    private static final int MOST_PIXELS = 1 << 26;

    private Photographs() {}

    /** At most {@code count}, of every kind of size, from the first one on. */
    static Samples of(TensorSpec input, Preprocessing preprocessing, int count) throws IOException {
        List<Sample> samples = new ArrayList<>();
        try (Stream<Path> files = Files.list(Material.require("data/imagenet1000"))) {
            for (Path file : files.filter(any -> any.toString().endsWith(".JPEG"))
                    .sorted()
                    .limit(count)
                    .toList()) {
                Picture picture = PictureCodecs.find()
                        .decode(PictureFormat.JPEG, ByteBuffer.wrap(Files.readAllBytes(file)), MOST_PIXELS);
                samples.add(sample(file.getFileName().toString(), picture, input, preprocessing));
            }
        }
        return Samples.of(samples);
    }

    /** Small pictures of ten kinds. */
    static Samples small(TensorSpec input, Preprocessing preprocessing, int count) throws IOException {
        byte[] rgb = Files.readAllBytes(Material.require("data/cifar10/dev1000_nhwc_rgb.u8"));
        int bytes = SIDE * SIDE * 3;
        List<Sample> samples = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            Picture picture = new Picture(SIDE, SIDE, Arrays.copyOfRange(rgb, i * bytes, (i + 1) * bytes));
            samples.add(sample("cifar-" + i, picture, input, preprocessing));
        }
        return Samples.of(samples);
    }

    /** The classes of the first {@code count} photographs, counted from 0. */
    static int[] labels(int count) throws IOException {
        return Files.readAllLines(Material.require("data/imagenet_dev200_labels.tsv")).stream()
                .skip(1)
                .sorted()
                .limit(count)
                .mapToInt(line -> Integer.parseInt(line.split("\t")[1]))
                .toArray();
    }

    /** The classes of the first {@code count} small pictures. */
    static int[] smallLabels(int count) throws IOException {
        ShortBuffer labels = ByteBuffer.wrap(Files.readAllBytes(Material.require("data/cifar10/dev1000.u16le")))
                .order(ByteOrder.LITTLE_ENDIAN)
                .asShortBuffer();
        return IntStream.range(0, count).map(labels::get).toArray();
    }

    private static Sample sample(String name, Picture picture, TensorSpec input, Preprocessing preprocessing) {
        TensorSpec one =
                new TensorSpec(input.name(), ElementType.FLOAT32, input.shape().withDim(0, 1));
        return new Sample(name, Map.of(input.name(), preprocessing.apply(picture, one)));
    }
}
