package dev.cleave.gateway.repository;

import dev.cleave.gateway.model.ModelState;
import dev.cleave.gateway.model.ModelStatus;
import dev.cleave.gateway.repository.Situation.Trouble;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;

/** One line for every version that is held or lies on disk, in the order of the files. Made under the repository's lock. */
final class Inventory {
    /** By models, versions by their numbers. */
    static final Comparator<FoundFile> FILES = Comparator.comparing(
                    (FoundFile file) -> file.isFlat() ? file.path() : file.model())
            .thenComparingLong(FoundFile::number)
            .thenComparing(FoundFile::path);

    private Inventory() {}

    private record Line(FoundFile file, int order, ModelStatus status) {}

    /** Of a file that is held there is a line for what is held alone. */
    static List<ModelStatus> of(
            Collection<FileRecord> files, Collection<VersionSlot> slots, Labels labels, Wanted wanted) {
        List<Line> lines = new ArrayList<>();
        for (VersionSlot slot : slots) {
            lines.add(new Line(slot.file(), slot.id(), slot.status(labels.of(slot.name(), slot.version()))));
        }
        for (FileRecord file : files) {
            if (slots.stream().noneMatch(slot -> slot.file().equals(file.found()))) {
                lines.add(new Line(file.found(), Integer.MAX_VALUE, onDisk(file, labels, wanted)));
            }
        }
        return lines.stream()
                .sorted(Comparator.comparing(Line::file, FILES).thenComparingInt(Line::order))
                .map(Line::status)
                .toList();
    }

    private static ModelStatus onDisk(FileRecord file, Labels labels, Wanted wanted) {
        boolean failed = file.trouble() != Trouble.NONE;
        ModelState state =
                failed ? ModelState.FAILED : wanted.isWanted(file.view()) ? ModelState.LOADING : ModelState.UNLOADED;
        return new ModelStatus(
                file.found().path(),
                file.model(),
                file.version(),
                file.bundleId(),
                List.of(),
                "",
                "",
                state,
                file.reason(),
                file.version().isEmpty() ? List.of() : labels.of(file.model(), file.version()),
                0,
                0);
    }
}
