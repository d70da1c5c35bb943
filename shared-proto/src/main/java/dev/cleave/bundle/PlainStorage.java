package dev.cleave.bundle;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** A file that is a bundle as it is. */
record PlainStorage(Path file) implements Storage {
    @Override
    public SeekableByteChannel open() throws IOException {
        return FileChannel.open(file, StandardOpenOption.READ);
    }

    @Override
    public boolean isPlain() {
        return true;
    }
}
