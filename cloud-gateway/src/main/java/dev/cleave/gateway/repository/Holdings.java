package dev.cleave.gateway.repository;

import dev.cleave.gateway.config.GatewayConfig;
import dev.cleave.gateway.model.ModelStatus;
import dev.cleave.gateway.model.ServedModel;
import dev.cleave.gateway.repository.Situation.Held;
import dev.cleave.gateway.repository.Situation.Phase;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;

/**
 * What a repository knows: the files on disk, the versions in memory, the labels. Owns all three and guards them with its
 * own lock, under which nothing is read, loaded or told. Thread-safe.
 */
final class Holdings {
    private final GatewayConfig.Lifecycle settings;
    private final TreeMap<String, FileRecord> files = new TreeMap<>();
    private final List<VersionSlot> slots = new ArrayList<>();
    private Labels labels;
    private String trouble = "";
    private int ids;
    private boolean closed;
    private long settleNanos;

    /** @param settleNanos for which a file has to stand still */
    Holdings(GatewayConfig.Lifecycle settings, Labels labels, long settleNanos) {
        this.settleNanos = settleNanos;
        this.settings = settings;
        this.labels = labels;
    }

    /**
     * Takes in what a look found. A directory that holds nothing at all while something is served from it is taken for one
     * that is not mounted: what is known stays. So does what is known of a file that cannot be read now, or of a folder's.
     */
    synchronized void seen(FolderLook look, long nowNanos) {
        List<FoundFile> found = look.files();
        if (found.isEmpty() && !slots.isEmpty()) {
            trouble = "holds no model any more; what is served stays";
            return;
        }
        trouble = "";
        files.values().stream().filter(file -> isHidden(file, look)).forEach(file -> file.unsettle(nowNanos));
        Set<String> paths = new HashSet<>();
        for (FoundFile file : found) {
            paths.add(file.path());
            FileRecord known = files.get(file.path());
            if (known == null) {
                files.put(file.path(), new FileRecord(file, nowNanos));
            } else if (!isHidden(known, look)) {
                known.seen(file, nowNanos, settleNanos);
            }
        }
        files.values()
                .removeIf(file -> !paths.contains(file.found().path())
                        && !isHidden(file, look)
                        && file.missed(nowNanos, settleNanos));
        retryTwins();
    }

    /** Whether a file that was read before, or could have been, cannot be now: it is known as it was then. */
    private static boolean isHidden(FileRecord file, FolderLook look) {
        return file.found().fault().isEmpty() && look.hides(file.found().path());
    }

    /** From now on files have to stand still for so long. */
    synchronized void settleFor(long nanos) {
        settleNanos = nanos;
    }

    /** The directory could not be read: everything stays as it is. */
    synchronized void unseen(String why) {
        trouble = why;
    }

    private void retryTwins() {
        for (FileRecord file : files.values()) {
            VersionSlot twin = file.twin() == 0 ? null : slot(file.twin());
            if (file.twin() != 0 && (twin == null || twin.phase() == Phase.READY && !isCurrent(twin))) {
                file.retry();
            }
        }
    }

    private boolean isCurrent(VersionSlot slot) {
        FileRecord file = files.get(slot.file().path());
        return file != null && file.found().equals(slot.file());
    }

    /** What is wrong with the directory as a whole; empty if nothing is. */
    synchronized String trouble() {
        return trouble;
    }

    /** Whether another look soon would tell more. */
    synchronized boolean isUnsettled() {
        return files.values().stream().anyMatch(file -> !file.isSettled());
    }

    synchronized Situation situation(long nowNanos) {
        slots.forEach(slot -> slot.used(nowNanos));
        Situation now = new Situation(
                settings.mode(),
                settings::policyOf,
                labels.versions(),
                files.values().stream().map(FileRecord::view).toList(),
                views(nowNanos),
                budget(),
                settings.keepOldVersionsFor().toNanos(),
                settings.reconnectTime().toNanos());
        Wanted wanted = Wanted.of(now);
        for (Held held : now.held()) {
            slot(held.id()).wanted(wanted.isNeeded(held), nowNanos);
        }
        return now.with(views(nowNanos));
    }

    private List<Held> views(long nowNanos) {
        return slots.stream()
                .map(slot -> slot.view(files.get(slot.file().path()), nowNanos))
                .toList();
    }

    private long budget() {
        return settings.memory() == 0 ? Long.MAX_VALUE : settings.memory();
    }

    /** Starts to hold what a file holds; null if it has gone since. */
    synchronized VersionSlot begin(String path) {
        FileRecord file = files.get(path);
        if (file == null || closed) {
            return null;
        }
        VersionSlot slot = new VersionSlot(++ids, file.found(), file.isAsked());
        slots.add(slot);
        return slot;
    }

    synchronized VersionSlot slot(int id) {
        return slots.stream().filter(slot -> slot.id() == id).findFirst().orElse(null);
    }

    /** The other version that is the same bundle, or null. */
    synchronized VersionSlot twinOf(VersionSlot slot, String bundleId) {
        return slots.stream()
                .filter(other -> other != slot && other.bundleId().equals(bundleId))
                .findFirst()
                .orElse(null);
    }

    /**
     * Settles what becomes of a bundle that is held already: where its file went away or was written anew, the held version is
     * that of the new file; else the file is one too many.
     */
    synchronized boolean adopt(VersionSlot slot, VersionSlot twin) {
        slots.remove(slot);
        boolean adopted = twin.phase() == Phase.READY && !isCurrent(twin);
        FileRecord file = recordOf(slot);
        if (adopted) {
            twin.moved(slot.file());
        }
        if (file != null) {
            file.read(twin.name(), twin.version(), twin.bundleId());
            if (!adopted) {
                file.isTwinOf(
                        twin.id(),
                        slot.file().path() + " is the same model as "
                                + twin.file().path());
            }
        }
        return adopted;
    }

    /** The file has told what it holds. */
    synchronized void identified(VersionSlot slot, String model, String version, String bundleId) {
        FileRecord file = recordOf(slot);
        if (file != null) {
            file.read(model, version, bundleId);
        }
    }

    /** The file a slot came from, if it is still as it was. */
    private FileRecord recordOf(VersionSlot slot) {
        FileRecord file = files.get(slot.file().path());
        return file != null && file.found().equals(slot.file()) ? file : null;
    }

    /** Lets go of a version that did not come to be. */
    synchronized void failed(VersionSlot slot, String reason) {
        slots.remove(slot);
        FileRecord file = recordOf(slot);
        if (file != null) {
            file.failed(reason);
        }
    }

    /** The same, as it did not fit. */
    synchronized void hasNoRoom(VersionSlot slot, long need, String reason) {
        slots.remove(slot);
        FileRecord file = recordOf(slot);
        if (file != null) {
            file.hasNoRoom(need, reason);
        }
    }

    /** The same, as its file changed while it was read. */
    synchronized void changedMeanwhile(VersionSlot slot, long nowNanos) {
        slots.remove(slot);
        FileRecord file = recordOf(slot);
        if (file != null) {
            file.unsettle(nowNanos);
        }
    }

    /** Bytes that are free; of a version's own, too. */
    synchronized long freeBut(VersionSlot slot) {
        long used = slots.stream()
                .filter(other -> other != slot && other.phase().compareTo(Phase.LOADING) >= 0)
                .mapToLong(VersionSlot::bytes)
                .sum();
        return budget() - used;
    }

    /** Bytes that all versions may take. */
    synchronized long budgetBytes() {
        return budget();
    }

    /** Runs something on a slot under the lock. */
    synchronized void change(Runnable change) {
        change.run();
    }

    /** A version is READY: of the same file there was perhaps an older one that was asked for. */
    synchronized void succeeded(VersionSlot slot) {
        FileRecord file = recordOf(slot);
        if (file != null) {
            file.retry(); // That there was no room for it once is over.
        }
        slots.stream()
                .filter(other ->
                        other != slot && other.file().path().equals(slot.file().path()))
                .forEach(VersionSlot::unpin);
    }

    /** A version is out of memory. */
    synchronized void freed(VersionSlot slot) {
        slots.remove(slot);
        retryTwins();
    }

    synchronized List<VersionSlot> slots(Predicate<VersionSlot> wanted) {
        return slots.stream().filter(wanted).toList();
    }

    synchronized List<FileRecord> files(Predicate<FileRecord> wanted) {
        return files.values().stream().filter(wanted).toList();
    }

    synchronized Labels labels() {
        return labels;
    }

    synchronized void relabel(Labels changed) {
        labels = changed;
    }

    synchronized void close() {
        closed = true;
    }

    synchronized boolean isClosed() {
        return closed;
    }

    /** Every version that is loaded, those that drain included. */
    synchronized List<ServedModel> models() {
        return slots.stream()
                .filter(slot -> slot.model() != null)
                .sorted(Comparator.comparing(VersionSlot::file, Inventory.FILES))
                .map(VersionSlot::model)
                .toList();
    }

    /** READY versions of a model, the newest first. */
    synchronized List<VersionSlot> ready(String name) {
        return ReadyVersions.newestFirst(slots.stream()
                .filter(slot -> slot.phase() == Phase.READY && slot.name().equals(name))
                .toList());
    }

    synchronized RepositoryStatus status(String directory, long nowNanos) {
        Situation now = situation(nowNanos);
        List<ModelStatus> models = Inventory.of(files.values(), slots, labels, Wanted.of(now));
        return new RepositoryStatus(
                settings.mode(), directory, trouble, settings.memory(), now.used(), labels.all(), models);
    }
}
