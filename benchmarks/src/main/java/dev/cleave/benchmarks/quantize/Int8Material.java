package dev.cleave.benchmarks.quantize;

import dev.cleave.benchmarks.plan.MaterialFolder;
import dev.cleave.benchmarks.plan.SeededWeights;
import dev.cleave.cli.failure.UserException;
import dev.cleave.engine.Engine;
import dev.cleave.partition.graph.OnnxModel;
import dev.cleave.partition.sample.Sample;
import dev.cleave.partition.sample.Samples;
import dev.cleave.partition.shape.ProbeSettings;
import dev.cleave.partition.shape.ProbedModel;
import dev.cleave.partition.shape.ShapeProbe;
import dev.cleave.picture.Picture;
import dev.cleave.picture.PictureCodecs;
import dev.cleave.picture.PictureFormat;
import dev.cleave.picture.Preprocessing;
import dev.cleave.tensor.TensorSpec;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Models for the quantiser, and inputs for them: some to calibrate with, others to report on. */
final class Int8Material {
    private static final int PHOTOGRAPHS_PER_CALIBRATION = 4;
    private static final int CIFAR_SIDE = 32;
    private static final int CIFAR_PICTURES = 1000;
    private static final long MOST_PIXELS = 1 << 26;
    private static final long SEED = 1;

    private static final String IMAGENET =
            "{\"resize\":256,\"crop\":224,\"mean\":[0.485,0.456,0.406],\"std\":[0.229,0.224,0.225]}";
    private static final String CIFAR = "\"mean\":[0.4914,0.4822,0.4465],\"std\":[0.2023,0.1994,0.2010]}";

    /** A model by the name that the command takes. */
    enum Known {
        MOBILENETV2("mobilenetv2_fp32", IMAGENET, 0),
        SQUEEZENET("squeezenet1.1_fp32", IMAGENET, 0),
        CIFAR_RESNET20("cifar_resnet20", "{\"resize\":32,\"crop\":32," + CIFAR, -1),
        RESNET8("mlperf_tiny_resnet8_cifar10_fp32", "{\"resize\":32,\"crop\":32,\"scale\":1}", -1),
        VWW("mlperf_tiny_vww_96_fp32", "{\"resize\":96,\"crop\":96}", -1),
        MOBILENETV1("mobilenet_v1_025_224_fp32", "{\"resize\":256,\"crop\":224,\"mean\":[0.5],\"std\":[0.5]}", 1),
        ULTRAFACE("ultraface_rfb_320", "{\"resize\":[240,320],\"mean\":[0.5],\"std\":[0.5]}", -1),
        RESNET50("light/light_resnet50", IMAGENET, -1),
        VGG19("light/light_vgg19", IMAGENET, -1);

        private final String file;
        private final String preprocessing;
        /** What is added to the index of a class of ImageNet; -1: the model knows other classes. */
        private final int classOffset;

        Known(String file, String preprocessing, int classOffset) {
            this.file = file;
            this.preprocessing = preprocessing;
            this.classOffset = classOffset;
        }

        boolean isTopology() {
            return file.startsWith("light/");
        }

        private boolean isCifar() {
            return this == CIFAR_RESNET20 || this == RESNET8;
        }

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    private final MaterialFolder root = MaterialFolder.find();
    private final Path work;
    private final Engine engine;

    /** @param work folder for what is made of the material */
    Int8Material(Path work, Engine engine) {
        this.work = work;
        this.engine = engine;
    }

    static Known named(String name) {
        return Arrays.stream(Known.values())
                .filter(known -> known.toString().equals(name))
                .findFirst()
                .orElseThrow(() ->
                        new UserException("model " + name + ": expected one of " + Arrays.toString(Known.values())));
    }

    Int8Model open(Known known) throws IOException {
        Path file = root.require("models/" + known.file + ".onnx");
        if (known.isTopology()) {
            Path seeded = work.resolve(known + ".onnx");
            SeededWeights.write(file, SEED, seeded);
            file = seeded;
        }
        ProbedModel probed = new ShapeProbe(engine, ProbeSettings.defaults()).probe(OnnxModel.read(file));
        Preprocessing preprocessing = Preprocessing.parse(known.preprocessing);
        return known.isCifar() ? cifar(known, probed, preprocessing) : photographs(known, probed, preprocessing);
    }

    /** One photograph in four to calibrate with, the others to report on. */
    private Int8Model photographs(Known known, ProbedModel probed, Preprocessing preprocessing) throws IOException {
        Map<String, Integer> classes = classes();
        TensorSpec input = probed.inputs().get(0);
        List<Sample> calibration = new ArrayList<>();
        List<Sample> report = new ArrayList<>();
        List<Integer> labels = new ArrayList<>();
        List<Path> files = photographs();
        for (int i = 0; i < files.size(); i++) {
            Sample sample = sample(files.get(i), preprocessing, input);
            if (i % PHOTOGRAPHS_PER_CALIBRATION == 0) {
                calibration.add(sample);
            } else {
                report.add(sample);
                labels.add(classes.get(sample.name()) + known.classOffset);
            }
        }
        return new Int8Model(
                known.toString(),
                probed,
                Samples.of(known.isTopology() ? calibration.subList(0, 6) : calibration),
                Samples.of(known.isTopology() ? report.subList(0, 8) : report),
                known.classOffset < 0
                        ? new int[0]
                        : labels.stream().mapToInt(Integer::intValue).toArray(),
                "photographs",
                !known.isTopology());
    }

    /** All pictures of the set to report on; shrunk photographs to calibrate with. */
    private Int8Model cifar(Known known, ProbedModel probed, Preprocessing preprocessing) throws IOException {
        TensorSpec input = probed.inputs().get(0);
        List<Sample> calibration = new ArrayList<>();
        for (Path file : photographs()) {
            calibration.add(sample(file, preprocessing, input));
        }
        byte[] rgb = Files.readAllBytes(root.require("data/cifar10/dev1000_nhwc_rgb.u8"));
        ByteBuffer classes = ByteBuffer.wrap(Files.readAllBytes(root.require("data/cifar10/dev1000.u16le")))
                .order(ByteOrder.LITTLE_ENDIAN);
        List<Sample> report = new ArrayList<>();
        int[] labels = new int[CIFAR_PICTURES];
        int bytes = CIFAR_SIDE * CIFAR_SIDE * 3;
        for (int i = 0; i < CIFAR_PICTURES; i++) {
            Picture picture = new Picture(CIFAR_SIDE, CIFAR_SIDE, Arrays.copyOfRange(rgb, i * bytes, (i + 1) * bytes));
            report.add(new Sample("cifar-" + i, Map.of(input.name(), preprocessing.apply(picture, input))));
            labels[i] = classes.getShort(i * Short.BYTES);
        }
        return new Int8Model(
                known.toString(),
                probed,
                Samples.of(calibration),
                Samples.of(report),
                labels,
                "photographs shrunk to 32x32 / CIFAR-10",
                true);
    }

    private List<Path> photographs() throws IOException {
        try (var files = Files.list(root.require("data/imagenet1000"))) {
            return files.sorted().toList();
        }
    }

    private static Sample sample(Path file, Preprocessing preprocessing, TensorSpec input) throws IOException {
        ByteBuffer jpeg = ByteBuffer.wrap(Files.readAllBytes(file));
        Picture picture = PictureCodecs.find().decode(PictureFormat.JPEG, jpeg, MOST_PIXELS);
        return new Sample(file.getFileName().toString(), Map.of(input.name(), preprocessing.apply(picture, input)));
    }

    private Map<String, Integer> classes() throws IOException {
        Map<String, Integer> classes = new HashMap<>();
        for (String line : Files.readAllLines(root.require("data/imagenet_dev200_labels.tsv"))) {
            String[] columns = line.split("\t");
            if (!columns[1].equals("index0")) {
                classes.put(columns[0], Integer.valueOf(columns[1]));
            }
        }
        return classes;
    }
}
