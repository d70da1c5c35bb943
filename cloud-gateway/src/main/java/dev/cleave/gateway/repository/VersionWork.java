package dev.cleave.gateway.repository;

import dev.cleave.bundle.Bundle;
import dev.cleave.bundle.BundleException;
import dev.cleave.bundle.Contract;
import dev.cleave.engine.EngineException;
import dev.cleave.engine.SessionOptions;
import dev.cleave.gateway.config.ByteText;
import dev.cleave.gateway.model.BundleOpener;
import dev.cleave.gateway.model.BundleSource;
import dev.cleave.gateway.model.FirstPoint;
import dev.cleave.gateway.model.ModelLoader;
import dev.cleave.gateway.model.ModelSource;
import dev.cleave.gateway.model.ModelStatus;
import dev.cleave.gateway.model.ServedModel;
import dev.cleave.gateway.trial.ModelTrials;
import dev.cleave.gateway.trial.TrialException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The slow part of a version's life: from a file to what can be loaded, from that to a model that is served. Runs on the loader's
 * thread; what comes of it is told to the {@link Holdings}. This is the one place that knows what kind of file becomes a
 * model, and how.
 */
final class VersionWork {
    private static final Logger LOG = LoggerFactory.getLogger(VersionWork.class);
    /** What a version is counted for is at least a quarter and at most four times of what was estimated. */
    private static final int ESTIMATE_FACTOR = 4;

    private final Path directory;
    private final StableCopies copies;
    private final BundleOpener opener;
    private final ModelTrials trials;
    private final ModelLoader loader;
    private final Holdings holdings;
    private final LongSupplier resident;
    private final LongSupplier clock;
    /** What is to be said of versions that are not served, until it is known whether the gateway starts at all; then null. */
    private List<String> unsaid = new ArrayList<>();

    /** @param resident bytes that the process has in memory, or -1 */
    VersionWork(
            Path directory,
            StableCopies copies,
            BundleOpener opener,
            ModelTrials trials,
            ModelLoader loader,
            Holdings holdings,
            LongSupplier resident,
            LongSupplier clock) {
        this.directory = directory;
        this.copies = copies;
        this.opener = opener;
        this.trials = trials;
        this.loader = loader;
        this.holdings = holdings;
        this.resident = resident;
        this.clock = clock;
    }

    /** READING to READ, unless the file is no model that can be served, or one that is held already. */
    void read(VersionSlot slot) {
        Path copy = null;
        boolean kept = false;
        try {
            copy = copies.copy(directory, slot.file());
            if (copy == null) {
                holdings.changedMeanwhile(slot, clock.getAsLong());
                return;
            }
            ModelSource source = slot.file().isPlain() ? plain(slot, copy) : bundle(slot, copy);
            if (source == null) {
                return;
            }
            long need = loader.estimate(source);
            Path own = copy;
            holdings.change(() -> slot.read(source, own, need));
            kept = true;
        } catch (IOException | TrialException | RuntimeException | Error e) { // One bad file hinders no other.
            failed(slot, copy, e);
        } finally {
            if (!kept && copy != null) {
                copies.delete(copy);
            }
        }
    }

    /** Null if it is held already. */
    private ModelSource bundle(VersionSlot slot, Path copy) throws IOException, TrialException {
        Bundle bundle = opener.open(copy);
        Contract contract = bundle.contract();
        requirePlace(slot.file(), contract);
        if (!isFresh(slot, contract.modelName(), contract.modelVersion(), bundle.id())) {
            return null;
        }
        BundleSource source = new BundleSource(bundle);
        int first = FirstPoint.of(source);
        source = source.with(trials.check(bundle, first, opener.keys()));
        SessionOptions options = loader.toCompare(source);
        return options == null ? source : source.with(trials.compare(bundle, first, opener.keys(), options));
    }

    /** Null if it is held already; tried only if it is not. */
    private ModelSource plain(VersionSlot slot, Path copy) throws IOException, TrialException {
        opener.requireUnsignedServed(slot.file().path());
        PlainFiles files = PlainFiles.of(slot.file(), copy);
        boolean fresh = isFresh(slot, slot.file().plainModel(), slot.file().plainVersion(), files.id());
        return fresh ? files.tried(trials) : null;
    }

    /** Notes what a file holds, and settles what becomes of it if that is held already. */
    private boolean isFresh(VersionSlot slot, String model, String version, String id) {
        holdings.identified(slot, model, version, id);
        VersionSlot twin = holdings.twinOf(slot, id);
        if (twin != null && holdings.adopt(slot, twin)) {
            LOG.info("{} is what is served from {} already", slot.file().path(), model);
        }
        return twin == null;
    }

    /** The folders say which version of which model it is, so the contract has to say the same: agents go by that. */
    private static void requirePlace(FoundFile file, Contract contract) throws BundleException {
        if (!file.isFlat()
                && !(contract.modelName().equals(file.model())
                        && contract.modelVersion().equals(file.version()))) {
            throw new BundleException(file.path() + " holds model \"" + contract.modelName() + "\" version \""
                    + contract.modelVersion() + "\"; expected \"" + file.model() + "\" version \"" + file.version()
                    + "\", as its folders say");
        }
    }

    /** READ to READY. */
    void load(VersionSlot slot) {
        boolean served = false;
        try {
            served = serve(slot);
        } catch (IOException | EngineException | RuntimeException | Error e) {
            failed(slot, slot.copy(), e);
        } finally {
            if (!served) {
                copies.delete(slot.copy());
            }
        }
        if (served) {
            holdings.succeeded(slot);
            report(slot.status(List.of()));
        }
    }

    /** What is loaded and not served is closed. */
    private boolean serve(VersionSlot slot) throws IOException, EngineException {
        long before = resident.getAsLong();
        ServedModel loaded = loader.load(slot.source());
        boolean served = false;
        try {
            long took = took(slot.bytes(), before, resident.getAsLong());
            if (holdings.isClosed() || !fits(slot, took)) {
                return false;
            }
            opener.accepted(
                    slot.source()); // What cannot be remembered is not served: the next start could take an older one.
            holdings.change(() -> slot.ready(loaded, took));
            served = true;
            return true;
        } finally {
            if (!served) {
                loaded.close();
            }
        }
    }

    private static void report(ModelStatus status) {
        LOG.info(
                "model {} {} from {} serves points {} in {} on {}{}",
                status.name(),
                status.version(),
                status.file(),
                status.points(),
                status.precision(),
                status.provider(),
                status.reason().isEmpty() ? "" : " (" + status.reason() + ")");
    }

    static long took(long estimate, long before, long after) {
        if (before < 0 || after < 0) {
            return estimate;
        }
        return Math.max(estimate / ESTIMATE_FACTOR, Math.min(after - before, estimate * ESTIMATE_FACTOR));
    }

    private boolean fits(VersionSlot slot, long took) {
        long free = holdings.freeBut(slot);
        if (took > free) {
            noRoom(slot, took, free, "took");
        }
        return took <= free;
    }

    /** What was read does not fit. */
    void refuse(VersionSlot slot) {
        noRoom(slot, slot.bytes(), holdings.freeBut(slot), "needs");
        copies.delete(slot.copy());
    }

    private void noRoom(VersionSlot slot, long bytes, long free, String verb) {
        String reason = "model \"" + slot.name() + "\" " + slot.version() + " " + verb + " about " + ByteText.of(bytes)
                + "; " + ByteText.of(free) + " of " + ByteText.of(holdings.budgetBytes()) + " are free";
        holdings.hasNoRoom(slot, bytes, reason);
        warn(slot.file().path() + " is not served: " + reason);
    }

    private void failed(VersionSlot slot, Path copy, Throwable failure) {
        String message = failure.getMessage() == null ? failure.toString() : failure.getMessage();
        String path = slot.file().path();
        String reason = message.replace(String.valueOf(copy), path)
                .replace(directory.resolve(path).toString(), path)
                .replaceAll("\\R", " ");
        holdings.failed(slot, reason);
        warn("model file " + path + " cannot be served: " + reason);
    }

    private synchronized void warn(String line) {
        if (unsaid == null) {
            LOG.warn(line);
        } else {
            unsaid.add(line);
        }
    }

    /** The gateway starts: from now on the log tells what is not served. If it does not, its one error does. */
    synchronized void started() {
        if (unsaid != null) {
            unsaid.forEach(LOG::warn);
            unsaid = null;
        }
    }

    /** A version is out of memory. */
    void freed(VersionSlot slot) {
        copies.delete(slot.copy());
    }
}
