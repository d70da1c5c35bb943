package dev.cleave.gateway.repository;

import dev.cleave.gateway.repository.RepositoryException.Kind;
import java.io.IOException;
import java.util.List;

/** What operators may ask of a repository: notes what they want; the next steps do it. Thread-safe. */
final class OperatorRequests {
    private final Holdings holdings;
    private final StateFolder state;
    /** Held by whoever changes labels, who changes their file with them. */
    private final Object labelling = new Object();

    OperatorRequests(Holdings holdings, StateFolder state) {
        this.holdings = holdings;
        this.state = state;
    }

    /** The file that was asked for; see {@link ModelRepository#load(String, String)}. */
    String load(String name, String version) throws RepositoryException {
        FileRecord newest = null;
        for (FileRecord file : holdings.files(any -> isMeant(any, name, version))) {
            if (newest == null || file.found().number() > newest.found().number()) {
                newest = file;
            }
        }
        if (newest == null) {
            throw new RepositoryException(
                    Kind.NOT_FOUND, "no file of " + named(name, version) + " lies in the models directory");
        }
        FileRecord asked = newest;
        holdings.change(asked::ask);
        holdings.slots(slot -> slot.file().equals(asked.found())).forEach(slot -> holdings.change(slot::pin));
        return asked.found().path();
    }

    /** Of a file whose version is not known yet it may be any. */
    private static boolean isMeant(FileRecord file, String name, String version) {
        return file.isNamed(name)
                && (version.isEmpty()
                        || file.version().isEmpty()
                        || file.version().equals(version));
    }

    /** See {@link ModelRepository#unload}. */
    void unload(String name, String version, boolean force) throws RepositoryException {
        List<VersionSlot> slots = holdings.slots(slot ->
                slot.name().equals(name) && (version.isEmpty() || slot.version().equals(version)));
        List<FileRecord> files = holdings.files(file ->
                file.isNamed(name) && (version.isEmpty() || file.version().equals(version)));
        if (slots.isEmpty() && files.isEmpty()) {
            throw new RepositoryException(Kind.NOT_FOUND, named(name, version) + " is not here");
        }
        for (VersionSlot slot : slots) {
            requireFree(slot, force);
        }
        files.forEach(file -> holdings.change(file::holdBack));
        slots.forEach(slot -> holdings.change(() -> slot.unload(force)));
    }

    private void requireFree(VersionSlot slot, boolean force) throws RepositoryException {
        List<String> labels = holdings.labels().of(slot.name(), slot.version());
        if (!labels.isEmpty()) {
            throw new RepositoryException(
                    Kind.CONFLICT,
                    named(slot.name(), slot.version()) + " has the label " + String.join(", ", labels)
                            + "; expected a version without labels");
        }
        int streams = slot.model() == null ? 0 : slot.model().openStreams();
        if (streams > 0 && !force) {
            throw new RepositoryException(
                    Kind.CONFLICT,
                    named(slot.name(), slot.version()) + " has " + streams + " open streams; expected none, or force");
        }
    }

    /** See {@link ModelRepository#label}. */
    void label(String name, String label, String version) throws RepositoryException {
        if (!ModelNames.isLabel(label)) {
            throw new RepositoryException(
                    Kind.MALFORMED,
                    "label \"" + label + "\"; expected 1 to 64 of a-z, 0-9, _ and -, beginning with a letter");
        }
        synchronized (labelling) {
            Labels before = holdings.labels();
            if (version.isEmpty() && before.version(name, label) == null) {
                throw new RepositoryException(Kind.NOT_FOUND, "model \"" + name + "\" has no label " + label);
            }
            if (!version.isEmpty() && !isReady(name, version)) {
                throw new RepositoryException(
                        Kind.CONFLICT, named(name, version) + " is not READY; expected one that is");
            }
            keep(before.with(name, label, version.isEmpty() ? null : version));
        }
    }

    private boolean isReady(String name, String version) {
        return holdings.ready(name).stream().anyMatch(slot -> slot.version().equals(version));
    }

    private void keep(Labels labels) throws RepositoryException {
        if (!state.whyNotKept().isEmpty()) {
            throw new RepositoryException(Kind.CONFLICT, "labels cannot be kept: " + state.whyNotKept());
        }
        try {
            LabelFile.write(state.labels(), labels);
        } catch (IOException e) {
            throw new RepositoryException(Kind.CONFLICT, "labels cannot be kept: " + e.getMessage());
        }
        holdings.relabel(labels);
    }

    private static String named(String name, String version) {
        return "model \"" + name + "\"" + (version.isEmpty() ? "" : " " + version);
    }
}
