package dev.cleave.gateway.model;

import dev.cleave.engine.FakeEngine;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Plain models for the fake engine: {@code x -> y = factor * x}, {@code [?, width]} floats. */
public final class PlainFile {
    private PlainFile() {}

    /** Writes one; folders are made. */
    public static Path write(Path file, int width, int factor) throws IOException {
        return write(
                file,
                "input x float32 [?," + width + "]",
                "output y float32 [?," + width + "] = affine x " + factor + " 0");
    }

    public static Path write(Path file, String... lines) throws IOException {
        Files.createDirectories(file.getParent());
        return Files.write(file, FakeEngine.graph("", lines).graph());
    }
}
