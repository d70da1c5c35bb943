package dev.cleave.gateway.compiled;

import dev.cleave.gateway.folder.Folders;
import java.io.IOException;
import java.nio.file.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A folder in which one session is loaded: what was compiled before lies in it, and what is compiled comes to lie in it. Nobody else's
 * until closed, which removes it. Not thread-safe.
 */
public final class Workspace implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Workspace.class);

    private final CompiledGraphs graphs;
    private final CompileKey key;
    private final Path folder;
    private final FileList known;

    /** @param known what was put into it; null if nothing was */
    Workspace(CompiledGraphs graphs, CompileKey key, Path folder, FileList known) {
        this.graphs = graphs;
        this.key = key;
        this.folder = folder;
        this.known = known;
    }

    public Path folder() {
        return folder;
    }

    /** Whether something was compiled before. */
    public boolean isKnown() {
        return known != null;
    }

    /** Keeps what is new in it. Called once the session has run; what cannot be kept is said, and compiled again another time. */
    public void keep() {
        try {
            FileList now = FileList.of(folder);
            if (!now.files().isEmpty() && !now.equals(known)) {
                graphs.keep(key, folder, now, known != null);
            }
        } catch (IOException e) {
            LOG.warn("what was compiled of {} {} is not kept: {}", key.precision(), key.graph(), e.toString());
        }
    }

    @Override
    public void close() {
        try {
            Folders.delete(folder);
        } catch (IOException e) {
            LOG.warn("{} was not removed: {}", folder, e.toString());
        }
    }
}
