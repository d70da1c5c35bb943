package dev.cleave.gateway.model;

import dev.cleave.bundle.Bundle;
import dev.cleave.bundle.Contract;
import java.nio.file.Path;
import java.util.List;

/** One file of the models directory and what became of it. Owns its {@link ServedModel}. Thread-safe. */
final class ModelSlot {
    private final Path file;
    private volatile ModelStatus status;
    private volatile ServedModel model;

    ModelSlot(Path file) {
        this.file = file;
        this.status = ModelStatus.unread(fileName(), ModelState.LOADING, "");
    }

    Path file() {
        return file;
    }

    String fileName() {
        return file.getFileName().toString();
    }

    ModelStatus status() {
        ModelStatus now = status;
        ServedModel served = model;
        return served != null && served.isDraining() ? withState(now, ModelState.DRAINING) : now;
    }

    /** Null unless the model is loaded. */
    ServedModel model() {
        return model;
    }

    void read(Bundle bundle) {
        Contract contract = bundle.contract();
        status = new ModelStatus(
                fileName(),
                contract.modelName(),
                contract.modelVersion(),
                bundle.id(),
                List.of(),
                "",
                "",
                ModelState.LOADING,
                "");
    }

    void ready(ModelLoader.Loaded loaded) {
        ModelStatus read = status;
        status = new ModelStatus(
                read.file(),
                read.name(),
                read.version(),
                read.bundleId(),
                loaded.model().points(),
                loaded.provider(),
                loaded.model().precision(),
                ModelState.READY,
                String.join("; ", loaded.notes()));
        model = loaded.model();
    }

    void failed(String reason) {
        ModelStatus read = status;
        status = new ModelStatus(
                read.file(),
                read.name(),
                read.version(),
                read.bundleId(),
                List.of(),
                "",
                "",
                ModelState.FAILED,
                reason);
    }

    private static ModelStatus withState(ModelStatus s, ModelState state) {
        return new ModelStatus(
                s.file(),
                s.name(),
                s.version(),
                s.bundleId(),
                s.points(),
                s.provider(),
                s.precision(),
                state,
                s.reason());
    }
}
