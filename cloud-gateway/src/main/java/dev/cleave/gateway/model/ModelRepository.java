package dev.cleave.gateway.model;

import dev.cleave.bundle.Bundle;
import dev.cleave.bundle.BundleException;
import dev.cleave.engine.EngineException;
import dev.cleave.gateway.config.GatewayException;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The {@code *.cleave} files of a directory, in the order of their names. The list is taken once, when the repository is
 * opened; a file that cannot be served is kept with its reason and hinders no other. Owns the models. Thread-safe.
 */
public final class ModelRepository implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ModelRepository.class);
    private static final String PATTERN = "*.cleave";

    private final Path directory;
    private final BundleOpener opener;
    private final ModelLoader loader;
    private final List<ModelSlot> slots;

    private ModelRepository(Path directory, BundleOpener opener, ModelLoader loader, List<ModelSlot> slots) {
        this.directory = directory;
        this.opener = opener;
        this.loader = loader;
        this.slots = List.copyOf(slots);
    }

    /**
     * Lists a directory; nothing is loaded yet, every model is LOADING.
     *
     * @throws GatewayException if it is no directory, cannot be read or holds no bundle
     */
    public static ModelRepository open(Path directory, BundleOpener opener, ModelLoader loader)
            throws GatewayException {
        if (!Files.isDirectory(directory)) {
            throw new GatewayException("models directory " + directory
                    + (Files.exists(directory) ? " is not a directory" : " does not exist")
                    + "; expected a directory of " + PATTERN + " files");
        }
        List<Path> files = new ArrayList<>();
        try (DirectoryStream<Path> listing = Files.newDirectoryStream(directory, PATTERN)) {
            listing.forEach(files::add);
        } catch (IOException e) {
            throw new GatewayException("models directory " + directory + " cannot be read: " + e, e);
        }
        if (files.isEmpty()) {
            throw new GatewayException("models directory " + directory + " holds no " + PATTERN + " file");
        }
        Collections.sort(files);
        return new ModelRepository(
                directory, opener, loader, files.stream().map(ModelSlot::new).toList());
    }

    /**
     * Loads everything.
     *
     * @throws GatewayException if not one model can be served; the message gives the first reason
     */
    public void load() throws GatewayException {
        slots.forEach(this::load);
        List<ModelSlot> failed = slots.stream()
                .filter(slot -> slot.status().state() == ModelState.FAILED)
                .toList();
        if (failed.size() < slots.size()) {
            failed.forEach(slot -> LOG.warn(
                    "model file {} cannot be served: {}",
                    slot.fileName(),
                    slot.status().reason()));
            return;
        }
        throw new GatewayException("no model of " + directory + " can be served: "
                + failed.get(0).status().reason()
                + (failed.size() > 1 ? " (and " + (failed.size() - 1) + " more files)" : ""));
    }

    private void load(ModelSlot slot) {
        try {
            Bundle bundle = opener.open(slot.file());
            slot.read(bundle);
            requireNew(slot, bundle);
            ModelLoader.Loaded loaded = loader.load(bundle);
            accept(bundle, loaded);
            slot.ready(loaded);
            ModelStatus status = slot.status();
            LOG.info(
                    "model {} {} from {} serves points {} in {} on {}{}",
                    status.name(),
                    status.version(),
                    status.file(),
                    status.points(),
                    status.precision(),
                    status.provider(),
                    status.reason().isEmpty() ? "" : " (" + status.reason() + ")");
        } catch (IOException | EngineException | RuntimeException e) {
            String reason = e.getMessage() == null ? e.toString() : e.getMessage();
            slot.failed(reason);
        }
    }

    /** What cannot be remembered is not served: the next start could take an older one. */
    private void accept(Bundle bundle, ModelLoader.Loaded loaded) throws IOException {
        try {
            opener.accepted(bundle);
        } catch (IOException e) {
            loaded.model().close();
            throw e;
        }
    }

    private void requireNew(ModelSlot slot, Bundle bundle) throws BundleException {
        for (ModelSlot other : slots) {
            if (other != slot
                    && other.model() != null
                    && other.status().bundleId().equals(bundle.id())) {
                throw new BundleException(slot.fileName() + " is the same bundle as " + other.fileName());
            }
        }
    }

    /** One per file, in order. */
    public List<ModelStatus> statuses() {
        return slots.stream().map(ModelSlot::status).toList();
    }

    /** True if a model can take requests. */
    public boolean isReady() {
        return statuses().stream().anyMatch(status -> status.state() == ModelState.READY);
    }

    /** Every loaded model, draining ones included. */
    public List<ServedModel> models() {
        List<ServedModel> models = new ArrayList<>();
        for (ModelSlot slot : slots) {
            if (slot.model() != null) {
                models.add(slot.model());
            }
        }
        return models;
    }

    /** The loaded model of a bundle id, or null. */
    public ServedModel byBundleId(String bundleId) {
        for (ServedModel model : models()) {
            if (model.bundle().id().equals(bundleId)) {
                return model;
            }
        }
        return null;
    }

    public void drain() {
        models().forEach(ServedModel::drain);
    }

    @Override
    public void close() {
        models().forEach(ServedModel::close);
    }
}
