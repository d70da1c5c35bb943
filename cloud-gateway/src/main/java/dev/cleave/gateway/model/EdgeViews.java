package dev.cleave.gateway.model;

import dev.cleave.bundle.Bundle;
import dev.cleave.bundle.BundleWriter;
import dev.cleave.bundle.View;
import dev.cleave.crypto.Hex;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HashMap;
import java.util.Map;

/**
 * Edge views of full bundles, for devices that fetch theirs from the gateway. A view is written when it is first asked
 * for, to a folder of the gateway's own; {@link #close} removes them, and whoever takes the folder next what a process that was
 * killed has left. Thread-safe.
 */
public final class EdgeViews implements AutoCloseable {
    private static final int SCRATCH_BYTES = 1 << 16;

    /**
     * A view that can be fetched.
     *
     * @param sha256 of the file, lower-case hex: a download that goes on after a break is of the same file, or of none
     */
    public record EdgeView(Path file, long bytes, String sha256) {}

    private final Map<String, EdgeView> views = new HashMap<>();
    private final Path folder;
    private boolean closed;

    /** @param folder made when the first view is written */
    public EdgeViews(Path folder) {
        this.folder = folder;
    }

    /** Whether a bundle has what an edge view needs, and may be written in the clear. */
    public static boolean isOfferedBy(Bundle bundle) {
        return bundle.manifest().view() == View.FULL && !bundle.isSealed();
    }

    /**
     * The edge view of a full bundle, complete up to LOCAL. The file stays until {@link #close}.
     *
     * @throws IOException if it cannot be written
     */
    public synchronized EdgeView of(Bundle bundle) throws IOException {
        if (closed) {
            throw new IOException("the gateway has shut down");
        }
        EdgeView view = views.get(bundle.id());
        if (view == null) {
            Path file = Files.createDirectories(folder).resolve(bundle.id() + ".cleave");
            BundleWriter.writeView(bundle, View.EDGE, bundle.contract().local(), file);
            view = new EdgeView(file, Files.size(file), sha256(file));
            views.put(bundle.id(), view);
        }
        return view;
    }

    /** Removes the view of a bundle that is not served any more; downloads under way keep their open file. */
    public synchronized void forget(String bundleId) throws IOException {
        EdgeView view = views.remove(bundleId);
        if (view != null) {
            Files.deleteIfExists(view.file());
        }
    }

    private static String sha256(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            byte[] scratch = new byte[SCRATCH_BYTES];
            for (int read = in.read(scratch); read >= 0; read = in.read(scratch)) {
                digest.update(scratch, 0, read);
            }
            return Hex.of(digest.digest());
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException("every Java platform has SHA-256", impossible);
        }
    }

    @Override
    public synchronized void close() throws IOException {
        closed = true;
        for (EdgeView view : views.values()) {
            Files.deleteIfExists(view.file());
        }
        views.clear();
        Files.deleteIfExists(folder);
    }
}
