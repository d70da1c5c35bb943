package dev.cleave.partition;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;

/** Finds the folder of test material that lies outside the project; tests that want it are skipped where it is absent. */
public final class Material {
    private Material() {}

    /** A file or folder of the material; skips the test if there is none. */
    public static Path require(String relative) {
        Path root = root();
        Path path = root == null ? null : root.resolve(relative);
        Assumptions.assumeTrue(
                path != null && Files.exists(path), "test material " + relative + " is absent; set CLEAVE_MATERIAL");
        return path;
    }

    /** All models below a folder of the material, sorted. */
    public static List<Path> models(String relative) {
        try (Stream<Path> files = Files.walk(require(relative))) {
            return files.filter(file -> file.toString().endsWith(".onnx"))
                    .sorted()
                    .toList();
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }

    private static Path root() {
        String named = System.getProperty("CLEAVE_MATERIAL", System.getenv("CLEAVE_MATERIAL"));
        if (named != null) {
            return Path.of(named);
        }
        for (Path at = Path.of("").toAbsolutePath(); at != null; at = at.getParent()) {
            Path beside = at.resolve("shared").resolve("material");
            if (Files.isDirectory(beside)) {
                return beside;
            }
        }
        return null;
    }
}
