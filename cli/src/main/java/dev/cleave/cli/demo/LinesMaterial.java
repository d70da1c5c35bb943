package dev.cleave.cli.demo;

import dev.cleave.cli.demo.lines.CtcText;
import dev.cleave.cli.demo.lines.Line;
import dev.cleave.cli.demo.lines.LineRenderer;
import dev.cleave.cli.demo.lines.Recogniser;
import dev.cleave.partition.edge.EdgeMode;
import dev.cleave.partition.reduce.Reduction;
import dev.cleave.partition.split.SplitRequest;
import dev.cleave.picture.PictureCodec;
import dev.cleave.picture.PictureCodecs;
import dev.cleave.picture.PictureFormat;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Lines of text drawn for the occasion and a recogniser for them, so that the right text is known. */
final class LinesMaterial {
    private static final int CALIBRATION_LINES = 24;
    private static final int LINES = 50;
    private static final long CALIBRATION_SEED = 1;
    private static final long SEED = 2;
    private static final int POINTS = 3;
    /** What Maven Central's artifact is licensed under; said where people see it. */
    private static final String TITLE = "PP-OCRv3 text-line recogniser (RapidOCR's ONNX export, Apache-2.0)";

    private LinesMaterial() {}

    static DemoMaterial prepare(Path work) throws IOException {
        Path model = work.resolve("recogniser.onnx");
        byte[] onnx = Recogniser.onnx();
        Files.write(model, onnx);
        Map<String, String> texts = new HashMap<>();
        Path calibration = draw(work.resolve("calibration"), CALIBRATION_LINES, CALIBRATION_SEED, new HashMap<>());
        Path inputs = draw(work.resolve("inputs"), LINES, SEED, texts);
        // The scores of 6,625 characters at each step are 1 MB a line; the best of each step is what is read from them.
        SplitRequest request = SplitRequest.of(model)
                .withPreprocessing(Recogniser.preprocessing())
                .withReductions(List.of(new Reduction(Recogniser.OUTPUT, 0)))
                .withDims(Map.of(
                        Recogniser.INPUT + ":2", (long) LineRenderer.HEIGHT,
                        Recogniser.INPUT + ":3", (long) LineRenderer.WIDTH))
                .withCount(POINTS)
                .withPlanned(true)
                .withEdgeMode(EdgeMode.AUTO);
        return new DemoMaterial(TITLE, request, calibration, inputs, new Texts(CtcText.ofModel(onnx), texts));
    }

    private static Path draw(Path folder, int count, long seed, Map<String, String> texts) throws IOException {
        Files.createDirectory(folder);
        PictureCodec codec = PictureCodecs.find();
        try (LineRenderer renderer = new LineRenderer()) {
            int number = 0;
            for (Line line : renderer.lines(count, seed)) {
                String name = String.format(Locale.ROOT, "line-%03d.png", number++);
                Files.write(folder.resolve(name), codec.encode(PictureFormat.PNG, line.picture(), 100));
                texts.put(name, line.text());
            }
        }
        return folder;
    }

    private record Texts(CtcText ctc, Map<String, String> texts) implements DemoMaterial.Answers {
        @Override
        public String readable(DemoAnswer answer) {
            return ctc.decode(answer.integers());
        }

        @Override
        public String expected(String input) {
            return texts.get(input);
        }
    }
}
