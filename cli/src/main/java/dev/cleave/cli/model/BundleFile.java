package dev.cleave.cli.model;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** Tells bundles from models by their first bytes; the name says nothing. */
final class BundleFile {
    private static final String ZIP = "PK";
    private static final String SEALED = "CLVSEAL";

    private BundleFile() {}

    /** Whether a file begins as a bundle does, sealed or not; false if it is none. */
    static boolean isOne(Path file) throws IOException {
        if (!Files.isRegularFile(file)) {
            return false;
        }
        try (InputStream in = Files.newInputStream(file)) {
            String start = new String(in.readNBytes(SEALED.length()), StandardCharsets.ISO_8859_1);
            return start.startsWith(ZIP) || start.equals(SEALED);
        }
    }
}
