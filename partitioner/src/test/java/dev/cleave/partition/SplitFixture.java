package dev.cleave.partition;

import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** Tests that split generated models: each has a folder and an engine of its own. */
public abstract class SplitFixture {
    @TempDir
    protected Path folder;

    protected Splits splits;

    @BeforeEach
    void open() throws Exception {
        splits = new Splits(folder);
    }

    @AfterEach
    void close() {
        splits.close();
    }
}
