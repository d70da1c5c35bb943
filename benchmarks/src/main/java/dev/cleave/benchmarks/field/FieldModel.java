package dev.cleave.benchmarks.field;

import dev.cleave.benchmarks.plan.PlanMaterial;
import dev.cleave.benchmarks.plan.PlanModel;
import dev.cleave.bundle.Bundle;
import dev.cleave.cli.process.ChildProcess;
import dev.cleave.edge.InferenceInput;
import dev.cleave.engine.Engine;
import dev.cleave.picture.PictureCodecs;
import dev.cleave.picture.PictureFormat;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * A model as {@code cleave split} makes it ready, and pictures for it.
 *
 * @param served folder that holds the bundle and nothing else
 * @param bundle its file
 * @param inputs one picture each
 */
public record FieldModel(String name, Path served, Path bundle, List<InferenceInput> inputs) {
    private static final long MOST_PIXELS = 1 << 26;

    /**
     * Splits a model.
     *
     * @param pictures how many to decide by, and to run
     * @param work takes all files
     * @param more options of {@code split}
     */
    public static FieldModel split(PlanMaterial.Known known, int pictures, Engine engine, Path work, List<String> more)
            throws IOException, InterruptedException {
        PlanModel model =
                new PlanMaterial(Files.createDirectories(work.resolve("material"))).open(known, pictures, engine);
        Path served = Files.createDirectories(work.resolve("served"));
        Path bundle = served.resolve(known + ".cleave");
        List<String> arguments = new ArrayList<>(List.of(
                "split",
                model.summary().model().graph().model().file().toString(),
                "-o",
                bundle.toString(),
                "--name",
                known.toString(),
                "--inputs",
                model.pictures().toString(),
                "--preprocess",
                model.preprocessingFile().toString()));
        arguments.addAll(more);
        try (ChildProcess split = ChildProcess.start(work.resolve("split.log"), arguments)) {
            split.finish();
        }
        return new FieldModel(known.toString(), served, bundle, read(model.pictures()));
    }

    private static List<InferenceInput> read(Path folder) throws IOException {
        List<Path> files;
        try (Stream<Path> found = Files.list(folder)) {
            files = found.sorted().toList();
        }
        List<InferenceInput> inputs = new ArrayList<>();
        for (Path file : files) {
            ByteBuffer png = ByteBuffer.wrap(Files.readAllBytes(file));
            inputs.add(InferenceInput.of(PictureCodecs.find().decode(PictureFormat.PNG, png, MOST_PIXELS)));
        }
        return inputs;
    }

    /** The number of its last point, LOCAL. */
    int local() throws IOException {
        return Bundle.open(bundle).contract().local();
    }
}
