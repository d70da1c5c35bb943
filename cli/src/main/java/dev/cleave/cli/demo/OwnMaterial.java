package dev.cleave.cli.demo;

import dev.cleave.cli.inputs.InputReader;
import dev.cleave.partition.split.SplitRequest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;

/** The user's own model and inputs. Every other input calibrates the codec, the rest are run, if there are enough. */
final class OwnMaterial {
    private static final int ENOUGH_TO_SHARE = 8;
    private static final int MOST = 50;

    private OwnMaterial() {}

    /** @param labels the right class of an input, or null where it is not known */
    static DemoMaterial prepare(SplitRequest request, Path inputs, Function<String, Integer> labels, Path work)
            throws IOException {
        InputReader reader = InputReader.open(inputs, List.of(), null);
        Path run = Files.createDirectory(work.resolve("inputs"));
        Path calibration = reader.size() < ENOUGH_TO_SHARE ? run : Files.createDirectory(work.resolve("calibration"));
        for (int i = 0; i < Math.min(reader.size(), 2 * MOST); i++) {
            copy(reader.path(i), (i % 2 == 0 ? run : calibration).resolve(reader.name(i)));
        }
        String title = request.model().getFileName().toString();
        return new DemoMaterial(title, request, calibration, run, new Classes(labels));
    }

    private static void copy(Path from, Path to) throws IOException {
        if (!Files.isDirectory(from)) {
            Files.copy(from, to);
            return;
        }
        Files.createDirectory(to);
        try (Stream<Path> files = Files.list(from)) {
            for (Path file : files.toList()) {
                Files.copy(file, to.resolve(file.getFileName()));
            }
        }
    }

    private record Classes(Function<String, Integer> labels) implements DemoMaterial.Answers {
        @Override
        public String readable(DemoAnswer answer) {
            return answer.integers() == null || answer.integers().length > 1
                    ? "#" + answer.argmax()
                    : "#" + answer.integers()[0];
        }

        @Override
        public String expected(String input) {
            Integer label = labels.apply(input);
            return label == null ? null : "#" + label;
        }
    }
}
