package dev.cleave.gateway.repository;

import dev.cleave.gateway.model.ModelSource;
import dev.cleave.gateway.model.ModelState;
import dev.cleave.gateway.model.ModelStatus;
import dev.cleave.gateway.model.ServedModel;
import dev.cleave.gateway.repository.Situation.Held;
import dev.cleave.gateway.repository.Situation.Phase;
import java.nio.file.Path;
import java.util.List;

/** A version on its way into memory, in it, or on its way out. Guarded by the repository's lock. */
final class VersionSlot {
    private static final long WANTED = Long.MIN_VALUE;

    private final int id;
    private FoundFile file;
    private Phase phase = Phase.READING;
    private Path copy;
    private ModelSource source;
    private ServedModel model;
    private long bytes;
    private boolean pinned;
    private boolean unloading;
    private boolean forced;
    private long outdatedSince = WANTED;
    private long drainUntil;
    private long streamsEver;
    private long usedNanos;

    /** @param pinned whether an operator asked for it */
    VersionSlot(int id, FoundFile file, boolean pinned) {
        this.id = id;
        this.file = file;
        this.pinned = pinned;
    }

    int id() {
        return id;
    }

    FoundFile file() {
        return file;
    }

    Phase phase() {
        return phase;
    }

    /** Null while it is READING. */
    ModelSource source() {
        return source;
    }

    Path copy() {
        return copy;
    }

    /** Null until it is READY. */
    ServedModel model() {
        return model;
    }

    long bytes() {
        return bytes;
    }

    String name() {
        return source == null ? file.model() : source.contract().modelName();
    }

    String version() {
        return source == null ? file.version() : source.contract().modelVersion();
    }

    String bundleId() {
        return source == null ? "" : source.id();
    }

    long release() {
        return source == null ? 0 : source.release();
    }

    /** @param need bytes, about */
    void read(ModelSource opened, Path privateCopy, long need) {
        source = opened;
        copy = privateCopy;
        bytes = need;
        phase = Phase.READ;
    }

    void loading() {
        phase = Phase.LOADING;
    }

    /** @param took bytes that are counted from now on */
    void ready(ServedModel loaded, long took) {
        model = loaded;
        bytes = took;
        phase = Phase.READY;
    }

    void draining(long untilNanos) {
        phase = Phase.DRAINING;
        drainUntil = untilNanos;
    }

    long drainUntil() {
        return drainUntil;
    }

    /** The same bundle lies elsewhere now, or was written anew. */
    void moved(FoundFile to) {
        file = to;
    }

    void pin() {
        pinned = true;
        unloading = false;
        forced = false;
    }

    void unpin() {
        pinned = false;
    }

    /** @param withStreams whether open streams are no reason to stay */
    void unload(boolean withStreams) {
        pinned = false;
        unloading = true;
        forced |= withStreams;
    }

    /** Remembers since when it has not been wanted; a version that is wanted again begins anew. */
    void wanted(boolean is, long nowNanos) {
        if (is) {
            outdatedSince = WANTED;
        } else if (outdatedSince == WANTED) {
            outdatedSince = nowNanos;
        }
    }

    /** Remembers when a stream was open last. */
    void used(long nowNanos) {
        if (model != null && (model.openStreams() > 0 || model.streamsEver() != streamsEver)) {
            streamsEver = model.streamsEver();
            usedNanos = nowNanos;
        }
    }

    Held view(FileRecord onDisk, long nowNanos) {
        return new Held(
                id,
                file.path(),
                onDisk != null && onDisk.found().equals(file),
                phase,
                name(),
                version(),
                bytes,
                model == null ? 0 : model.openStreams(),
                model != null && !model.isQuiet(),
                pinned,
                unloading,
                forced,
                outdatedSince == WANTED ? 0 : nowNanos - outdatedSince,
                streamsEver == 0 ? Long.MAX_VALUE : nowNanos - usedNanos);
    }

    /** @param labels that point to this version */
    ModelStatus status(List<String> labels) {
        boolean loaded = model != null;
        ModelState state = phase == Phase.READY
                ? ModelState.READY
                : phase == Phase.DRAINING ? ModelState.DRAINING : ModelState.LOADING;
        return new ModelStatus(
                file.path(),
                name(),
                version(),
                bundleId(),
                loaded ? model.points() : List.of(),
                loaded ? model.provider() : "",
                loaded ? model.precision() : "",
                loaded && model.isDraining() ? ModelState.DRAINING : state,
                loaded ? String.join("; ", model.remarks()) : "",
                labels,
                loaded || phase == Phase.LOADING ? bytes : 0,
                loaded ? model.openStreams() : 0);
    }
}
