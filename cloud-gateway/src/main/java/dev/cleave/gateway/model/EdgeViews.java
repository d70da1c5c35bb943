package dev.cleave.gateway.model;

import dev.cleave.bundle.Bundle;
import dev.cleave.bundle.BundleWriter;
import dev.cleave.bundle.View;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/**
 * Edge views of full bundles, for devices that fetch theirs from the gateway. A view is written when it is first asked
 * for, to a directory of its own that is removed on close. Thread-safe.
 */
public final class EdgeViews implements AutoCloseable {
    private final Map<String, Path> files = new HashMap<>();
    private Path directory;
    private boolean closed;

    /** Whether a bundle has what an edge view needs, and may be written in the clear. */
    public static boolean isOfferedBy(Bundle bundle) {
        return bundle.manifest().view() == View.FULL && !bundle.isSealed();
    }

    /**
     * The edge view of a full bundle, complete up to LOCAL. The file stays until {@link #close}.
     *
     * @throws IOException if it cannot be written
     */
    public synchronized Path of(Bundle bundle) throws IOException {
        if (closed) {
            throw new IOException("the gateway has shut down");
        }
        Path file = files.get(bundle.id());
        if (file == null) {
            if (directory == null) {
                directory = Files.createTempDirectory("cleave-edge-views");
            }
            file = directory.resolve(bundle.id() + ".cleave");
            BundleWriter.writeView(bundle, View.EDGE, bundle.contract().local(), file);
            files.put(bundle.id(), file);
        }
        return file;
    }

    @Override
    public synchronized void close() throws IOException {
        closed = true;
        for (Path file : files.values()) {
            Files.deleteIfExists(file);
        }
        if (directory != null) {
            Files.deleteIfExists(directory);
        }
    }
}
