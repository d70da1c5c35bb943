package dev.cleave.benchmarks.plan;

import dev.cleave.cli.failure.UserException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The folder of models and pictures outside the project: the one that {@code CLEAVE_MATERIAL} names, or {@code
 * shared/material} beside the checkout.
 */
public record MaterialFolder(Path root) {
    public static MaterialFolder find() {
        String named = System.getenv("CLEAVE_MATERIAL");
        if (named != null) {
            return new MaterialFolder(Path.of(named));
        }
        for (Path at = Path.of("").toAbsolutePath(); at != null; at = at.getParent()) {
            Path beside = at.resolve("shared").resolve("material");
            if (Files.isDirectory(beside)) {
                return new MaterialFolder(beside);
            }
        }
        throw new UserException("no models; expected CLEAVE_MATERIAL to name the folder of the material");
    }

    /** A file or folder in it, which has to be there. */
    public Path require(String relative) {
        Path path = root.resolve(relative);
        if (!Files.exists(path)) {
            throw new UserException("material " + path + " is absent; expected it below the folder of the material");
        }
        return path;
    }
}
