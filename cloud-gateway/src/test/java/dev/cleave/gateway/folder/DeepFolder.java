package dev.cleave.gateway.folder;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A folder that cannot be removed by its path, whoever tries: what is deepest in it has a longer one than systems take. */
public final class DeepFolder implements AutoCloseable {
    private static final int LEVELS = 30;
    private static final String NAME = "d".repeat(200);

    private final Path folder;
    private final Path beside;

    /** @param folder made, with the folders above it */
    public DeepFolder(Path folder) throws IOException {
        this.folder = folder;
        this.beside = folder.resolveSibling(folder.getFileName() + "-beside");
        Files.createDirectories(folder);
        for (int level = 0; level < LEVELS; level++) {
            Files.createDirectory(beside);
            Files.move(folder, beside.resolve(NAME));
            Files.move(beside, folder);
        }
    }

    /** Removes it from the outside in. */
    @Override
    public void close() throws IOException {
        for (int level = 0; level < LEVELS; level++) {
            Files.move(folder.resolve(NAME), beside);
            Files.delete(folder);
            Files.move(beside, folder);
        }
        Files.delete(folder);
    }
}
