package dev.cleave.bundle;

import java.io.IOException;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.Path;

/** Where a bundle's bytes are read from: its file, or what is sealed in it. Thread-safe. */
interface Storage {
    Path file();

    /** The bundle's bytes from their start; the caller closes it. */
    SeekableByteChannel open() throws IOException;

    /** Whether the file's bytes are the bundle's: what lies at an offset can be mapped from there. */
    boolean isPlain();
}
