package dev.cleave.benchmarks.plan;

import dev.cleave.cli.failure.UserException;
import dev.cleave.cli.inputs.Labels;
import dev.cleave.cli.samples.FolderSamples;
import dev.cleave.engine.Engine;
import dev.cleave.partition.ModelSummary;
import dev.cleave.partition.draft.PictureInput;
import dev.cleave.partition.edge.EdgeChoice;
import dev.cleave.partition.graph.OnnxModel;
import dev.cleave.partition.sample.MemoryBudget;
import dev.cleave.partition.sample.Samples;
import dev.cleave.partition.shape.ProbeSettings;
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
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/**
 * The models and pictures that plans are tried on. They lie outside the project: in the folder that {@code CLEAVE_MATERIAL}
 * names, or in {@code shared/material} beside the checkout.
 */
public final class PlanMaterial {
    private static final long SEED = 1;
    private static final int LOSSLESS = 100;
    private static final int CIFAR_SIDE = 32;
    private static final long MOST_PIXELS = 1 << 26;

    private static final String IMAGENET = "\"mean\":[0.485,0.456,0.406],\"std\":[0.229,0.224,0.225]";
    private static final String CIFAR = "\"mean\":[0.4914,0.4822,0.4465],\"std\":[0.2023,0.1994,0.2010]";
    private static final String DETECTOR = "\"channels\":\"BGR\",\"scale\":1";
    private static final String SQUARE_224 = "{\"resize\":256,\"crop\":224}";
    private static final String SQUARE_416 = "{\"resize\":416,\"crop\":416}";

    /** A model by the name that options take. */
    public enum Known {
        MOBILENETV2("mobilenetv2_fp32", SQUARE_224, IMAGENET),
        SQUEEZENET("squeezenet1.1_fp32", SQUARE_224, IMAGENET),
        CIFAR_RESNET20("cifar_resnet20", null, CIFAR),
        YOLOX_NANO("yolox_nano_bigisland", SQUARE_416, DETECTOR),
        RESNET50("light/light_resnet50", SQUARE_224, IMAGENET),
        VGG19("light/light_vgg19", SQUARE_224, IMAGENET),
        ALEXNET("light/light_bvlc_alexnet", SQUARE_224, IMAGENET);

        private final String file;
        private final String geometry;
        private final String normalisation;

        Known(String file, String geometry, String normalisation) {
            this.file = file;
            this.geometry = geometry;
            this.normalisation = normalisation;
        }

        /** Whether it has no weights of its own. */
        public boolean isTopology() {
            return file.startsWith("light/");
        }

        /** Whether its answers are the classes that the pictures are labelled with. */
        private boolean isClassifier() {
            return !isTopology() && this != YOLOX_NANO;
        }

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    private final MaterialFolder root;
    private final Path work;

    /** @param work folder for what is made of the material */
    public PlanMaterial(Path work) {
        this.root = MaterialFolder.find();
        this.work = work;
    }

    /** A model file: as it is named, or below the material's models. */
    public Path modelFile(String name) {
        Path given = Path.of(name);
        return Files.exists(given) ? given : root.require("models/" + name);
    }

    /**
     * Makes a model ready.
     *
     * @param pictures how many
     */
    public PlanModel open(Known known, int pictures, Engine engine) throws IOException {
        Path model = root.require("models/" + known.file + ".onnx");
        if (known.isTopology()) {
            Path seeded = work.resolve(known + ".onnx");
            SeededWeights.write(model, SEED, seeded);
            model = seeded;
        }
        ModelSummary summary = ModelSummary.of(OnnxModel.read(model), engine, ProbeSettings.defaults());
        List<TensorSpec> inputs = summary.model().inputs();
        String json = "{" + known.normalisation + "}";
        Path file = Files.writeString(work.resolve(known + ".json"), json);
        Preprocessing preprocessing = PictureInput.bound(Preprocessing.parse(json), inputs);
        Path folder = Files.createDirectories(work.resolve(known + "-pictures"));
        List<Integer> classes = known == Known.CIFAR_RESNET20
                ? writeSmall(folder, pictures)
                : writePhotographs(folder, pictures, Preprocessing.parse(known.geometry));
        Samples samples = FolderSamples.open(folder, inputs, preprocessing).cached(MemoryBudget.ofJvm());
        return new PlanModel(
                known.toString(),
                summary,
                summary.cuts().all().size(),
                EdgeChoice.FLOAT,
                preprocessing,
                file,
                folder,
                samples,
                known.isClassifier() ? writeLabels(work.resolve(known + "-labels.tsv"), classes) : null,
                !known.isTopology());
    }

    private static Path writeLabels(Path file, List<Integer> classes) throws IOException {
        List<String> lines = new ArrayList<>();
        for (int i = 0; i < classes.size(); i++) {
            lines.add(pictureName(i) + "\t" + classes.get(i));
        }
        return Files.write(file, lines);
    }

    /** The classes of what was written. */
    private List<Integer> writePhotographs(Path folder, int count, Preprocessing geometry) throws IOException {
        Labels labels = Labels.read(root.require("data/imagenet_dev200_labels.tsv"));
        List<Integer> classes = new ArrayList<>();
        List<Path> all;
        try (Stream<Path> files = Files.list(root.require("data/imagenet1000"))) {
            all = files.sorted().toList();
        }
        for (int i = 0; i < count; i++) {
            Path photograph = all.get((int) ((long) i * all.size() / count));
            ByteBuffer jpeg = ByteBuffer.wrap(Files.readAllBytes(photograph));
            write(folder, i, geometry.geometry(PictureCodecs.find().decode(PictureFormat.JPEG, jpeg, MOST_PIXELS)));
            classes.add(labels.require(photograph.getFileName().toString()));
        }
        return classes;
    }

    /** The classes of what was written. */
    private List<Integer> writeSmall(Path folder, int count) throws IOException {
        ByteBuffer labels = ByteBuffer.wrap(Files.readAllBytes(root.require("data/cifar10/dev1000.u16le")))
                .order(ByteOrder.LITTLE_ENDIAN);
        List<Integer> classes = new ArrayList<>();
        byte[] rgb = Files.readAllBytes(root.require("data/cifar10/dev1000_nhwc_rgb.u8"));
        int bytes = CIFAR_SIDE * CIFAR_SIDE * 3;
        for (int i = 0; i < count; i++) {
            write(folder, i, new Picture(CIFAR_SIDE, CIFAR_SIDE, Arrays.copyOfRange(rgb, i * bytes, (i + 1) * bytes)));
            classes.add((int) labels.getShort(i * Short.BYTES));
        }
        return classes;
    }

    private static void write(Path folder, int index, Picture picture) throws IOException {
        Files.write(
                folder.resolve(pictureName(index)), PictureCodecs.find().encode(PictureFormat.PNG, picture, LOSSLESS));
    }

    private static String pictureName(int index) {
        return String.format(Locale.ROOT, "%04d.png", index);
    }

    /** All, or those named. */
    public static List<Known> named(List<String> names) {
        if (names.isEmpty()) {
            return List.of(Known.values());
        }
        List<Known> found = new ArrayList<>();
        for (String name : names) {
            found.add(Arrays.stream(Known.values())
                    .filter(known -> known.toString().equals(name))
                    .findFirst()
                    .orElseThrow(() -> new UserException(
                            "model " + name + ": expected one of " + Arrays.toString(Known.values()))));
        }
        return found;
    }
}
