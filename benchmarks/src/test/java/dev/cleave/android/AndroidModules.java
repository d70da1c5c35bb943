package dev.cleave.android;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** The modules that Android apps take, as the build left them. */
final class AndroidModules {
    static final List<String> NAMES =
            List.of("shared-proto", "engines/onnxruntime", "engines/tflite-session", "sealing", "edge-agent");

    private AndroidModules() {}

    static Path root() {
        Path folder = Path.of("").toAbsolutePath();
        while (!Files.exists(folder.resolve("docs/ARCHITECTURE.md"))) {
            folder = folder.getParent();
        }
        return folder;
    }

    static Path classes(String module) {
        return root().resolve(module).resolve("target/classes");
    }

    /** Every class file of the modules. */
    static List<Path> classFiles() {
        return NAMES.stream()
                .flatMap(module -> classFiles(classes(module)))
                .filter(file -> !file.endsWith("module-info.class"))
                .toList();
    }

    private static Stream<Path> classFiles(Path folder) {
        try (Stream<Path> files = Files.walk(folder)) {
            return files.filter(file -> file.toString().endsWith(".class")).toList().stream();
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }
}
